rule train_autoencoder:
    """Experiment 8: a denoising autoencoder, and images that it reconstructs."""
    input:
        images=DIGITS[RUNS["autoencoder"]["data"]["source"]],
    output:
        reconstructions="<results>/rahaman2018/autoencoder/reconstructions.npz",
        model="<results>/rahaman2018/autoencoder/model.safetensors",
        history="<results>/rahaman2018/autoencoder/history.npz",
        metrics="<results>/rahaman2018/autoencoder/metrics.csv",
        record="<results>/rahaman2018/autoencoder/run.json",
    log:
        "<logs>/train_autoencoder.log",
    benchmark:
        "<benchmarks>/train_autoencoder.tsv"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=60,
        gpu=int(SETTINGS.device == "cuda"),
    params:
        run=RUNS["autoencoder"],
        scale=SETTINGS.scale,
        code=code_of("train_autoencoder"),
    script:
        "../scripts/train_autoencoder.py"
