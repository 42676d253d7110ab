rule measure_random_labels:
    """Experiment 8: losses on each kind of inputs, and how far apart their samples lie."""
    input:
        reconstructions="<results>/rahaman2018/autoencoder/reconstructions.npz",
        manifold=of_run("random_labels_manifold").values(),
        flat=of_run("random_labels_flat").values(),
        flat_stretched=of_run("random_labels_flat_stretched").values(),
    output:
        loss="<results>/rahaman2018/tables/random_labels_loss.csv",
        inputs="<results>/rahaman2018/tables/random_labels_inputs.csv",
    log:
        "<logs>/measure_random_labels.log",
    benchmark:
        "<benchmarks>/measure_random_labels.tsv"
    resources:
        mem_mb=3000,
        runtime=20,
    params:
        code=code_of("measure_random_labels"),
    script:
        "../../scripts/measure_random_labels.py"
