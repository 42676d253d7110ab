rule measure_theory:
    """Theory check: exact spectra of random and of trained networks."""
    input:
        **{run: of_run(run).values() for run in SETTINGS.rahaman2018.theory.runs()},
    output:
        networks="<results>/rahaman2018/tables/theory_networks.csv",
        spectrum="<results>/rahaman2018/tables/theory_spectrum.csv",
    log:
        "<logs>/measure_theory.log",
    benchmark:
        "<benchmarks>/measure_theory.tsv"
    threads: 2
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        theory=SETTINGS.rahaman2018.theory.random_networks(),
        seed=SETTINGS.seed,
        code=code_of("measure_theory"),
    script:
        "../../scripts/measure_theory.py"
