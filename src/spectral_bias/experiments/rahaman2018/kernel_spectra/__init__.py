"""Experiment 4 of Rahaman et al. 2018: spectra by kernel eigenvectors (figures 5, 6, 12, 13)."""

from spectral_bias.experiments.experiment import Experiment, Figure, Measurement, run_files

EXPERIMENT = Experiment(
    sections={"kernel_spectra": "settings:KernelSpectra"},
    problems={"kernel_spectra": "problem"},
    measurements=(
        Measurement(
            "measure_kernel_spectra",
            "measure:measured",
            (
                "kernel_spectra",
                "kernel_distance",
                "kernel_shares",
                "kernel_loss",
                "kernel_eigenvalues",
            ),
            inputs=lambda settings: {"run": run_files("rahaman2018", "kernel_spectra")},
            params=lambda settings: {
                "n_bins": settings.rahaman2018.kernel_spectra.n_bins,
                "shown": settings.rahaman2018.kernel_spectra.shown(),
            },
            minutes=10,
        ),
        Measurement(
            "measure_kernel_grid",
            "grid:measured",
            ("kernel_grid_vectors", "kernel_grid_spectra"),
            params=lambda settings: settings.rahaman2018.kernel_spectra.grid.model_dump(),
            mem_mb=1000,
            minutes=5,
        ),
    ),
    figures={
        "fig05": Figure("kernel_spectra", ("kernel_spectra", "kernel_eigenvalues")),
        "fig06": Figure("kernel_spectra", ("kernel_grid_spectra",)),
        "fig12": Figure("kernel_spectra", ("kernel_grid_vectors",)),
        "fig13": Figure("kernel_spectra", ("kernel_loss", "kernel_shares")),
    },
    claims=("claims",),
)
