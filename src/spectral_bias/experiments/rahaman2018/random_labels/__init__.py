"""Experiment 8 of Rahaman et al. 2018: random labels on two manifolds (figure 19)."""

from typing import Any

from spectral_bias.experiments.experiment import (
    Experiment,
    Figure,
    Files,
    Measurement,
    run_files,
)

PAPER = "rahaman2018"
KINDS = ("manifold", "flat", "flat_stretched")
"""Kinds of inputs, each with a run of its own for every number of features."""


def autoencoder_name(features: int) -> str:
    """Name of the autoencoder with this number of features."""
    return f"autoencoder_{features}"


def run_name(kind: str, features: int) -> str:
    """Name of the ensemble on a kind of inputs of this dimension."""
    return f"random_labels_{kind}_{features}"


def _measured(settings: Any) -> Files:
    """The autoencoders and ensembles, each an input of its own name."""
    sweep = settings.rahaman2018.random_labels.feature_sweep
    autoencoders = map(autoencoder_name, sweep)
    ensembles = [run_name(kind, features) for features in sweep for kind in KINDS]
    made = ["reconstructions.npz", "run.json"]
    return {name: run_files(PAPER, name, made) for name in autoencoders} | {
        name: run_files(PAPER, name) for name in ensembles
    }


EXPERIMENT = Experiment(
    sections={"random_labels": "settings:RandomLabels"},
    problems={"random_labels": "problem"},
    measurements=(
        Measurement(
            "measure_random_labels",
            "measure:measured",
            ("random_labels_loss", "random_labels_inputs"),
            inputs=_measured,
            params=lambda settings: {
                "feature_sweep": settings.rahaman2018.random_labels.feature_sweep
            },
            mem_mb=3000,
        ),
    ),
    figures={"fig19": Figure("random_labels", ("random_labels_loss", "random_labels_inputs"))},
    claims=("claims",),
)
