"""Theory check of Rahaman et al. 2018: exact spectra in one dimension (figure 23)."""

from spectral_bias.experiments.experiment import Experiment, Figure, Measurement, run_files

TABLES = ("theory_networks", "theory_spectrum", "theory_constants")

EXPERIMENT = Experiment(
    sections={"theory": "settings:Theory"},
    measurements=(
        Measurement(
            "measure_theory",
            "measure:measured",
            TABLES,
            inputs=lambda settings: {
                run: run_files("rahaman2018", run) for run in settings.rahaman2018.theory.runs()
            },
            params=lambda settings: {
                "theory": settings.rahaman2018.theory.random_networks(),
                "seed": settings.seed,
            },
            minutes=30,
        ),
    ),
    figures={"fig23": Figure("theory", TABLES)},
    claims=("claims",),
)
