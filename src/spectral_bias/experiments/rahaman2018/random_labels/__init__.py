"""Experiment 8 of Rahaman et al. 2018: random labels on two manifolds (figure 19)."""

from spectral_bias.experiments.experiment import Experiment, Figure, Measurement, run_files

PAPER = "rahaman2018"
KINDS = ("manifold", "flat", "flat_stretched")
"""Kinds of inputs, each with a run of its own."""

EXPERIMENT = Experiment(
    sections={"random_labels": "settings:RandomLabels"},
    problems={"random_labels": "problem"},
    measurements=(
        Measurement(
            "measure_random_labels",
            "measure:measured",
            ("random_labels_loss", "random_labels_inputs"),
            inputs=lambda settings: (
                {
                    "autoencoder": run_files(
                        PAPER, "autoencoder", ["reconstructions.npz", "run.json"]
                    )
                }
                | {kind: run_files(PAPER, f"random_labels_{kind}") for kind in KINDS}
            ),
            mem_mb=3000,
        ),
    ),
    figures={"fig19": Figure("random_labels", ("random_labels_loss", "random_labels_inputs"))},
    claims=("claims",),
)
