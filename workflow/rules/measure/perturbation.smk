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
        "../../scripts/measure_perturbation.py"
