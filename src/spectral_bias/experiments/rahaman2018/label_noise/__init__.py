"""Experiment 3 of Rahaman et al. 2018: label noise of one frequency (figures 4, 11)."""

from spectral_bias.experiments.experiment import Experiment, Figure, Measurement, run_files

EXPERIMENT = Experiment(
    sections={"label_noise": "settings:LabelNoise"},
    problems={"label_noise": "problem"},
    measurements=(
        Measurement(
            "measure_label_noise",
            "measure:measured",
            ("label_noise_loss", "label_noise_power"),
            inputs=lambda settings: {"run": run_files("rahaman2018", "label_noise")},
            minutes=10,
        ),
    ),
    figures={
        "fig04": Figure("label_noise", ("label_noise_loss",)),
        "fig11": Figure("label_noise", ("label_noise_loss",)),
    },
    claims=("claims",),
)
