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
        "../scripts/measure_sinusoids.py"


rule measure_perturbation:
    """Experiment 2: spectra of networks whose parameters are perturbed."""
    input:
        **of_run("perturbation"),
    output:
        "<results>/rahaman2018/tables/perturbation.csv",
    log:
        "<logs>/measure_perturbation.log",
    benchmark:
        "<benchmarks>/measure_perturbation.tsv"
    threads: 8
    resources:
        mem_mb=4000,
        runtime=60,
        gpu=int(SETTINGS.device == "cuda"),
    params:
        sizes=SETTINGS.rahaman2018.perturbation.model_dump(
            include={"delta_max", "n_deltas", "n_directions"}
        ),
        code=code_of("measure_perturbation"),
    script:
        "../scripts/measure_perturbation.py"


rule measure_label_noise:
    """Experiment 3: training and validation losses of every setting."""
    input:
        **of_run("label_noise"),
    output:
        "<results>/rahaman2018/tables/label_noise_loss.csv",
    log:
        "<logs>/measure_label_noise.log",
    benchmark:
        "<benchmarks>/measure_label_noise.tsv"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        code=code_of("measure_label_noise"),
    script:
        "../scripts/measure_label_noise.py"
