rule train_mlp:
    """One ensemble of ReLU networks; a killed job goes on where its checkpoint was."""
    input:
        problem="<results>/rahaman2018/{run}/problem.npz",
    output:
        model="<results>/rahaman2018/{run}/model.safetensors",
        history="<results>/rahaman2018/{run}/history.npz",
        metrics="<results>/rahaman2018/{run}/metrics.csv",
        record="<results>/rahaman2018/{run}/run.json",
    log:
        "<logs>/train_mlp/{run}.log",
    benchmark:
        "<benchmarks>/train_mlp/{run}.tsv"
    threads: 8
    resources:
        mem_mb=4000,
        runtime=240,
        gpu=int(SETTINGS.device == "cuda"),
    params:
        run=lookup("{run}", within=RUN_SETTINGS),
        scale=SETTINGS.scale,
        code=code_of("train_mlp"),
    script:
        "../scripts/train_mlp.py"


rule train_autoencoder:
    """Experiment 8: a denoising autoencoder, and images that it reconstructs."""
    input:
        images=DIGITS[RUNS["autoencoder"].data["source"]],
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
        run=RUN_SETTINGS["autoencoder"],
        scale=SETTINGS.scale,
        code=code_of("train_autoencoder"),
    script:
        "../scripts/train_autoencoder.py"


rule train_classifier:
    """One image classifier; a killed job goes on where its checkpoint was.

    One thread: the small convolutions of the quick scale gain little from a second one.
    """
    input:
        unpack(classifier_inputs),
    output:
        model="<results>/{paper}/{classifier}/model.safetensors",
        epochs="<results>/{paper}/{classifier}/epochs.safetensors",
        history="<results>/{paper}/{classifier}/history.npz",
        metrics="<results>/{paper}/{classifier}/metrics.csv",
        record="<results>/{paper}/{classifier}/run.json",
    log:
        "<logs>/train_classifier/{paper}_{classifier}.log",
    benchmark:
        "<benchmarks>/train_classifier/{paper}_{classifier}.tsv"
    threads: 1
    resources:
        mem_mb=6000,
        runtime=1440,
        gpu=int(SETTINGS.device == "cuda"),
    params:
        run=lookup("{classifier}", within=RUN_SETTINGS),
        scale=SETTINGS.scale,
        code=classifier_code,
    script:
        "../scripts/train_classifier.py"
