rule measure_noise_fitting:
    """Measurement A: noise fitting of all classifiers of CIFAR-10, and its minima."""
    input:
        records=of_classifiers(CIFAR10_RUNS, "run.json"),
        histories=of_classifiers(CIFAR10_RUNS, "history.npz"),
    output:
        classifiers="<results>/fridovichkeil2021/tables/classifiers.csv",
        interventions="<results>/fridovichkeil2021/tables/interventions.csv",
        fitting="<results>/fridovichkeil2021/tables/noise_fitting.csv",
        minima="<results>/fridovichkeil2021/tables/noise_minima.csv",
    log:
        "<logs>/measure_noise_fitting.log",
    benchmark:
        "<benchmarks>/measure_noise_fitting.tsv"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        interventions=CIFAR10_PLAN.interventions,
        bases=CIFAR10_PLAN.bases,
        warm_up=SETTINGS.fridovichkeil2021.cifar10.wave.warm_up,
        code=code_of("measure_noise_fitting"),
    script:
        "../../scripts/measure_noise_fitting.py"
