"""Small result folders as the training and figure stages leave them."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from spectral_bias import tracking

PAPERS = {
    "rahaman2018": "On the Spectral Bias of Neural Networks",
    "fridovichkeil2021": "Spectral Bias in Practice",
}
STARTED = datetime(2025, 3, 1, 12, tzinfo=UTC)


def track(results, scale, uri=None, **more):
    """Tracks the papers of these tests."""
    return tracking.track(results, scale, PAPERS, uri, **more)


def run_facts(run="sinusoids_equal", key="0123456789ab", scale="quick", paper="rahaman2018"):
    return {
        "paper": paper,
        "run": run,
        "scale": scale,
        "run_key": key,
        "settings": {
            "network": {"depth": 6, "width": 256},
            "training": {"learning_rate": 3.0e-4, "iterations": 400, "amsgrad": False},
            "problem": "sinusoids",
            "target": {"frequencies": [5, 10, 15], "phases": None, "name": "sinusoids"},
        },
        "code_version": "feedbeef",
        "data_checksum": None,
        "members": 3,
        "seed": 0,
        "device": "cpu",
        "precision": "float32",
        "versions": {"torch": "2.12.0"},
        "started": STARTED.isoformat(),
        "finished": (STARTED + timedelta(seconds=100)).isoformat(),
        "wall_seconds": 100.0,
        "resumed": False,
        "result_path": f"results/{scale}/{paper}/{run}",
        "status": "finished",
    }


def curves(iterations=range(0, 401, 100)):
    """Metrics as a training run writes them; each is a known function of the iteration."""
    t = np.array(list(iterations), dtype=float)
    values = {
        "loss/training": 0.5 * np.exp(-t / 100),
        "loss/validation": 0.5 * np.exp(-t / 150),
        **{f"amplitude/k{k:02d}": 1 - np.exp(-t / (20.0 * k)) for k in (5, 10, 15)},
        **{f"spectral_norm/layer{n}": 1 + n * t / 400 for n in (1, 2)},
    }
    return pd.concat(
        [
            pd.DataFrame({"iteration": t.astype(int), "metric": m, "value": v})
            for m, v in values.items()
        ]
    )


def write_run(results, facts, table=None, content=b"parameters"):
    folder = results / facts["scale"] / facts["paper"] / facts["run"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.json").write_text(json.dumps(facts))
    (curves() if table is None else table).to_csv(
        folder / "metrics.csv", index=False, float_format="%.6g"
    )
    (folder / "model.safetensors").write_bytes(content)
    (folder / "history.npz").write_bytes(bytes(5000))
    return folder


def write_figure(results, sources, figure="fig01", scale="quick", picture=b"picture", more=None):
    stem = results / scale / "figures" / "rahaman2018" / figure
    stem.parent.mkdir(parents=True, exist_ok=True)
    for suffix in (".png", ".pdf"):
        stem.with_suffix(suffix).write_bytes(picture)
    stem.with_suffix(".csv").write_text("iteration,frequency,amplitude\n0,5,0.0\n")
    meta = {
        "paper": "rahaman2018",
        "figure": figure,
        "title": "Lower frequencies are learned first",
        "caption": "Normalised amplitudes over training.",
        "scale": scale,
        "sources": list(sources),
        "agreement": {
            **{
                "measure": "mean difference (equal)",
                "value": 0.031,
                "unit": "",
                "note": "0: equal",
            },
            "quantities": [{"name": name, "verdict": "inside"} for name in ("k = 5", "k = 10")],
        },
        "code_version": "feedbeef",
    } | (more or {})
    stem.with_suffix(".json").write_text(json.dumps(meta))
    return stem


def python(code, folder, **kwargs):
    """Runs code in a process of its own, as a job would; returns the process."""
    return subprocess.Popen([sys.executable, "-c", code], cwd=folder, text=True, **kwargs)
