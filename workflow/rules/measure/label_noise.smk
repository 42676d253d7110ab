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
        "../../scripts/measure_label_noise.py"
