rule measure_kernel_spectra:
    """Experiment 4: spectra, shares of the noise, losses, eigenvalues."""
    input:
        **of_run("kernel_spectra"),
    output:
        spectra="<results>/rahaman2018/tables/kernel_spectra.csv",
        shares="<results>/rahaman2018/tables/kernel_shares.csv",
        loss="<results>/rahaman2018/tables/kernel_loss.csv",
        eigenvalues="<results>/rahaman2018/tables/kernel_eigenvalues.csv",
    log:
        "<logs>/measure_kernel_spectra.log",
    benchmark:
        "<benchmarks>/measure_kernel_spectra.tsv"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        n_bins=SETTINGS.rahaman2018.kernel_spectra.n_bins,
        code=code_of("measure_kernel_spectra"),
    script:
        "../../scripts/measure_kernel_spectra.py"


rule measure_kernel_grid:
    """Experiment 4: eigenvectors of a kernel on a line, which needs no training."""
    output:
        vectors="<results>/rahaman2018/tables/kernel_grid_vectors.csv",
        spectra="<results>/rahaman2018/tables/kernel_grid_spectra.csv",
    log:
        "<logs>/measure_kernel_grid.log",
    benchmark:
        "<benchmarks>/measure_kernel_grid.tsv"
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        grid=SETTINGS.rahaman2018.kernel_spectra.grid.model_dump(),
        code=code_of("measure_kernel_grid"),
    script:
        "../../scripts/measure_kernel_grid.py"
