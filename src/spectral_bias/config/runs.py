"""The training runs that settings name, each with everything that determines its result.

A run's mapping is what a job gets as parameters: a changed value reruns that job and no other.
What only a later stage needs (snapshots, perturbation sizes) is therefore not part of it.
"""

from typing import Any

from spectral_bias.config.schema import LabelNoise, Settings, Training

Run = dict[str, Any]

BASELINE = {"frequency": None, "beta": 0.0}
"""The member of Experiment 3 without noise."""


def training_runs(settings: Settings) -> dict[str, Run]:
    """Resolved settings of every training run, by name (unique within a paper)."""
    paper = settings.rahaman2018
    runs: dict[str, Run] = {}
    for setting, amplitudes in paper.sinusoids.amplitudes:
        runs[f"sinusoids_{setting}"] = _run(
            paper.sinusoids,
            {"snapshots"},
            problem="sinusoids",
            amplitudes=amplitudes,
            records=["prediction", "spectral_norm"],
        )
    runs["perturbation"] = _run(
        paper.perturbation,
        {"delta_max", "n_deltas", "n_directions"},
        problem="sinusoids",
        amplitudes=[1.0] * len(paper.perturbation.frequencies),
    )
    runs["label_noise"] = _run(
        paper.label_noise,
        {"panels"},
        problem="label_noise",
        noises=label_noises(paper.label_noise),
    )
    for name, run in runs.items():
        run |= {
            "paper": "rahaman2018",
            "run": name,
            "seed": settings.seed,
            "precision": settings.precision,
        }
    return runs


def label_noises(section: LabelNoise) -> list[dict[str, float | None]]:
    """The distinct (k, beta) of all panels, the noise-free baseline first."""
    pairs = {
        (k, beta) for _, panel in section.panels for k in panel.frequencies for beta in panel.betas
    }
    return [BASELINE, *({"frequency": k, "beta": beta} for k, beta in sorted(pairs))]


def _run(section: Training, not_part: set[str], **more: Any) -> Run:
    return {"records": [], "record_every": 1} | section.model_dump(exclude=not_part) | more
