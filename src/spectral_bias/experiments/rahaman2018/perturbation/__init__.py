"""Experiment 2 of Rahaman et al. 2018: robustness to perturbed parameters (figure 3)."""

from spectral_bias.experiments.experiment import Experiment, Figure, Measurement, run_files

EXPERIMENT = Experiment(
    sections={"perturbation": "settings:Perturbation"},
    measurements=(
        Measurement(
            "measure_perturbation",
            "measure:measured",
            ("perturbation",),
            inputs=lambda settings: {"run": run_files("rahaman2018", "perturbation")},
            params=lambda settings: settings.rahaman2018.perturbation.model_dump(
                include={"delta_max", "n_deltas", "n_directions"}
            ),
            threads=8,
            mem_mb=4000,
            minutes=60,
            gpu=True,
        ),
    ),
    figures={"fig03": Figure("perturbation", ("perturbation",))},
    claims=("claims",),
)
