"""Experiment 1 of Rahaman et al. 2018: sums of sinusoids (figures 1, 2, 10)."""

from spectral_bias.experiments.experiment import Experiment, Figure, Measurement, run_files

PAPER = "rahaman2018"

EXPERIMENT = Experiment(
    sections={"sinusoids": "settings:Sinusoids"},
    problems={"sinusoids": "problem"},
    measurements=(
        Measurement(
            "measure_sinusoids",
            "measure:measured",
            (
                "sinusoids_spectrum",
                "sinusoids_norms",
                "sinusoids_loss",
                "sinusoids_function",
            ),
            inputs=lambda settings: {
                setting: run_files(PAPER, f"sinusoids_{setting}")
                for setting in ("equal", "increasing", "low")
            },
            params=lambda settings: {"snapshots": settings.rahaman2018.sinusoids.snapshots},
            made_from={"sinusoids_function": ("equal",)},
        ),
    ),
    figures={
        "fig01": Figure("sinusoids", ("sinusoids_spectrum", "sinusoids_norms")),
        "fig02": Figure("sinusoids", ("sinusoids_function",)),
        "fig10": Figure("sinusoids", ("sinusoids_loss",)),
    },
    claims=("claims",),
)
