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
        run=lookup("{run}", within=RUNS),
        scale=SETTINGS.scale,
        code=code_of("train_mlp"),
    script:
        "../scripts/train_mlp.py"
