rule measure_sinusoids:
    """Experiment 1: spectra, spectral norms, losses, snapshots of the function."""
    input:
        equal=of_run("sinusoids_equal").values(),
        increasing=of_run("sinusoids_increasing").values(),
    output:
        spectrum="<results>/rahaman2018/tables/sinusoids_spectrum.csv",
        norms="<results>/rahaman2018/tables/sinusoids_norms.csv",
        loss="<results>/rahaman2018/tables/sinusoids_loss.csv",
        function="<results>/rahaman2018/tables/sinusoids_function.csv",
    log:
        "<logs>/measure_sinusoids.log",
    benchmark:
        "<benchmarks>/measure_sinusoids.tsv"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        snapshots=SETTINGS.rahaman2018.sinusoids.snapshots,
        code=code_of("measure_sinusoids"),
    script:
        "../../scripts/measure_sinusoids.py"
