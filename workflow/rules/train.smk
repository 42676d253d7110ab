rule train_mlp:
    """One ensemble of small networks; a killed job goes on where its checkpoint was."""
    input:
        problem="<results>/rahaman2018/{run}/problem.npz",
    output:
        model="<results>/rahaman2018/{run}/model.safetensors",
        history="<results>/rahaman2018/{run}/history.npz",
        metrics="<results>/rahaman2018/{run}/metrics.csv",
        record="<results>/rahaman2018/{run}/run.json",
    log:
        "<logs>/train_mlp/{run}.log",
    threads: ensemble_threads
    resources:
        mem_mb=grown(MEMORY_MB["mlp"]),
        runtime=grown(240),
        gpu=GPU,
    params:
        run=lookup("{run}", within=RUN_SETTINGS),
        scale=SETTINGS.scale,
        code=code_of("train_mlp"),
    script:
        "../scripts/train_mlp.py"


rule train_autoencoder:
    """Experiment 8: one denoising autoencoder, and images that it reconstructs."""
    input:
        images=lambda wildcards: DIGITS[RUNS[wildcards.autoencoder].data["source"]],
    output:
        reconstructions="<results>/rahaman2018/{autoencoder}/reconstructions.npz",
        model="<results>/rahaman2018/{autoencoder}/model.safetensors",
        history="<results>/rahaman2018/{autoencoder}/history.npz",
        metrics="<results>/rahaman2018/{autoencoder}/metrics.csv",
        record="<results>/rahaman2018/{autoencoder}/run.json",
    log:
        "<logs>/train_autoencoder/{autoencoder}.log",
    threads: 1
    resources:
        mem_mb=grown(MEMORY_MB["autoencoder"]),
        runtime=grown(60),
        gpu=GPU,
    params:
        run=lookup("{autoencoder}", within=RUN_SETTINGS),
        scale=SETTINGS.scale,
        code=code_of("train_autoencoder"),
    script:
        "../scripts/train_autoencoder.py"


rule train_classifier:
    """One image classifier; a killed job goes on where its checkpoint was.

    One thread: the small convolutions of the quick scale gain little from a second one. Before
    ensembles, on which less depends, so that these fill the cores up at the end.
    """
    input:
        unpack(lambda wildcards: classifier_inputs(wildcards.classifier)),
    output:
        expand("<results>/{{paper}}/{{classifier}}/{file}", file=CLASSIFIER_FILES),
    log:
        "<logs>/train_classifier/{paper}_{classifier}.log",
    priority: 1
    threads: 1
    resources:
        mem_mb=grown(MEMORY_MB["classifier"]),
        runtime=grown(1440),
        gpu=GPU,
    params:
        runs=lambda wildcards: [RUN_SETTINGS[wildcards.classifier]],
        scale=SETTINGS.scale,
        code=lambda wildcards: classifier_code(wildcards.classifier),
    script:
        "../scripts/train_classifier.py"


for first, batch in BATCHES.items():
    if len(batch) > 1:

        rule:
            """Several image classifiers, as `train_classifier`; see BATCHES."""
            name:
                f"train_classifiers_{list(BATCHES).index(first) + 1}"
            input:
                **classifier_inputs(*batch),
            output:
                classifier_outputs(*batch),
            log:
                f"<logs>/train_classifier/{RUNS[first].paper}_{first}.log",
            priority: 1
            threads: 1
            resources:
                mem_mb=grown(MEMORY_MB["classifier"]),
                runtime=grown(1440),
                gpu=GPU,
            params:
                runs=[RUN_SETTINGS[run] for run in batch],
                scale=SETTINGS.scale,
                code=classifier_code(*batch),
            script:
                "../scripts/train_classifier.py"
