"""Experiment 9 of Rahaman et al. 2018: adversarial paths (figures 20, 21)."""

from spectral_bias.experiments.experiment import (
    CLASSIFIER,
    Experiment,
    Figure,
    Measurement,
    run_files,
)

TABLES = (
    "adversarial_classifier",
    "adversarial_attacks",
    "adversarial_paths",
    "adversarial_images",
    "adversarial_pixels.npz",
)

EXPERIMENT = Experiment(
    sections={"adversarial": "settings:Adversarial"},
    measurements=(
        Measurement(
            "measure_adversarial",
            "measure:measured",
            TABLES,
            inputs=lambda settings: {
                "runs": [
                    file
                    for run in settings.rahaman2018.adversarial.runs()
                    for file in run_files("rahaman2018", run, CLASSIFIER)
                ],
                "images": ["data/adversarial.npz"],
            },
            params=lambda settings: {"settings": settings.rahaman2018.adversarial.measurement()},
            networks=lambda settings: ["resnet"],
            mem_mb=6000,
            minutes=120,
            gpu=True,
        ),
    ),
    figures={
        "fig20": Figure("adversarial", TABLES),
        "fig21": Figure("adversarial", TABLES),
    },
    claims=("claims",),
)
