rule measure_manifold_regression:
    """Experiment 5: spectra and losses on each curve."""
    input:
        **of_run("manifold_regression"),
    output:
        spectrum="<results>/rahaman2018/tables/manifold_spectrum.csv",
        loss="<results>/rahaman2018/tables/manifold_loss.csv",
    log:
        "<logs>/measure_manifold_regression.log",
    benchmark:
        "<benchmarks>/measure_manifold_regression.tsv"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        code=code_of("measure_manifold_regression"),
    script:
        "../../scripts/measure_manifold_regression.py"


rule measure_manifold_classification:
    """Experiment 6: training accuracies, and two networks on the plane around their curve."""
    input:
        **of_run("manifold_classification"),
    output:
        accuracy="<results>/rahaman2018/tables/manifold_accuracy.csv",
        decision="<results>/rahaman2018/tables/manifold_decision.csv",
        samples="<results>/rahaman2018/tables/manifold_samples.csv",
    log:
        "<logs>/measure_manifold_classification.log",
    benchmark:
        "<benchmarks>/measure_manifold_classification.tsv"
    threads: 2
    resources:
        mem_mb=3000,
        runtime=20,
    params:
        points=SETTINGS.rahaman2018.manifold_classification.decision_points,
        code=code_of("measure_manifold_classification"),
    script:
        "../../scripts/measure_manifold_classification.py"
