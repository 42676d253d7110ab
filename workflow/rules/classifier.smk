rule images:
    """Small colour images of several classes, for training and for testing."""
    output:
        "<results>/data/{dataset}.npz",
    log:
        "<logs>/images/{dataset}.log",
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        data=lookup("{dataset}", within=DATASETS),
        seed=SETTINGS.seed,
        data_root=SETTINGS.data_root,
        code=code_of("images"),
    script:
        "../scripts/images.py"


rule shifted_images:
    """Test images of another distribution, for classifiers trained on CIFAR-10."""
    input:
        images="<results>/data/cifar10.npz",
    output:
        "<results>/data/shifted.npz",
    log:
        "<logs>/shifted_images.log",
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        shift=SETTINGS.fridovichkeil2021.cifar10.shift.model_dump(),
        data_root=SETTINGS.data_root,
        code=code_of("shifted_images"),
    script:
        "../scripts/shifted_images.py"


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
        run=lookup("{classifier}", within=RUNS),
        scale=SETTINGS.scale,
        code=code_of("train_classifier"),
    script:
        "../scripts/train_classifier.py"
