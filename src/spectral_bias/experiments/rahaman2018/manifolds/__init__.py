"""Experiments 5 and 6 of Rahaman et al. 2018: targets on curves (figures 7, 8, 9)."""

from spectral_bias.experiments.experiment import Experiment, Figure, Measurement, run_files

EXPERIMENT = Experiment(
    sections={
        "manifold_regression": "settings:ManifoldRegression",
        "manifold_classification": "settings:ManifoldClassification",
    },
    problems={
        "manifold_regression": "regression",
        "manifold_classification": "classification",
    },
    measurements=(
        Measurement(
            "measure_manifold_regression",
            "measure:regression",
            ("manifold_spectrum", "manifold_loss", "manifold_input"),
            inputs=lambda settings: {"run": run_files("rahaman2018", "manifold_regression")},
            minutes=10,
        ),
        Measurement(
            "measure_manifold_classification",
            "measure:classification",
            ("manifold_accuracy", "manifold_decision", "manifold_samples"),
            inputs=lambda settings: {"run": run_files("rahaman2018", "manifold_classification")},
            params=lambda settings: {
                "points": settings.rahaman2018.manifold_classification.decision_points
            },
            threads=2,
            mem_mb=3000,
        ),
    ),
    figures={
        "fig07": Figure("manifold_classification", ("manifold_decision", "manifold_samples")),
        "fig08": Figure(
            "manifold_regression", ("manifold_spectrum", "manifold_loss", "manifold_input")
        ),
        "fig09": Figure("manifold_classification", ("manifold_accuracy",)),
    },
    claims=("claims", "input_claims"),
)
