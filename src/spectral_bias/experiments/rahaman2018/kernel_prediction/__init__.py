"""What the tangent kernel predicts of Experiment 1 of Rahaman et al. 2018 (figure 27; ours)."""

from spectral_bias.experiments.experiment import Experiment, Figure, Measurement, run_files

TABLES = (
    "kernel_prediction_rates",
    "kernel_prediction_eigenvalues",
    "kernel_prediction_kernels",
    "kernel_prediction_curves",
    "kernel_prediction_times",
)

EXPERIMENT = Experiment(
    sections={"kernel_prediction": "settings:KernelPrediction"},
    problems={"kernel_prediction": "problem"},
    measurements=(
        Measurement(
            "measure_kernel_prediction",
            "measure:measured",
            TABLES,
            inputs=lambda settings: {
                optimiser: run_files("rahaman2018", f"kernel_prediction_{optimiser}")
                for optimiser in ("sgd", "adam")
            },
            params=lambda settings: {"tolerance": settings.rahaman2018.kernel_prediction.tolerance},
            mem_mb=4000,
            minutes=60,
        ),
    ),
    figures={"fig27": Figure("kernel_prediction", TABLES)},
    claims=("claims",),
)
