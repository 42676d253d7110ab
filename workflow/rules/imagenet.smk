"""Images in a folder: what they are, weights of networks for them, training on them."""


def imagenet_weights():
    """The torchvision model that each file of weights belongs to."""
    if not SETTINGS.fridovichkeil2021.imagenet.weights_are_used():
        return {}
    from spectral_bias.models.pretrained import named_weights

    models = SETTINGS.fridovichkeil2021.imagenet.models
    return {named_weights(model).file: model for model in models}


IMAGENET_WEIGHTS = imagenet_weights()


def imagenet_folder(wildcards):
    """The folder of images."""
    settings = SETTINGS.fridovichkeil2021.imagenet
    if settings.data.source == "photographs":
        return "<results>/data/photographs64"
    return settings.data.folder


# They download, or write many small files, which belongs to one place.
localrules:
    photographs,
    imagenet_weights,


rule photographs:
    """Images of ten classes of different diversity, cut from ten photographs, as files."""
    output:
        directory("<results>/data/photographs64"),
    log:
        "<logs>/photographs.log",
    priority: 1
    resources:
        mem_mb=grown(1000),
        runtime=grown(10),
    params:
        counts=SETTINGS.fridovichkeil2021.imagenet.data.photographs.model_dump(),
        seed=SETTINGS.seed,
        code=code_of("photographs"),
    script:
        "../scripts/photographs.py"


rule imagenet_index:
    """Looks through a folder of images: every file is decoded, classes are counted."""
    input:
        imagenet_folder,
    output:
        "<results>/data/imagenet.json",
    log:
        "<logs>/imagenet_index.log",
    priority: 1
    threads: 4
    resources:
        mem_mb=grown(4000),
        runtime=grown(240),
    params:
        needed=SETTINGS.fridovichkeil2021.imagenet.needed_images(),
        trained=bool(SETTINGS.fridovichkeil2021.imagenet.runs()),
        code=code_of("imagenet_index"),
    script:
        "../scripts/imagenet_index.py"


rule imagenet_weights:
    """Weights of one of torchvision's classifiers; checksums are verified."""
    output:
        "results/data/weights/{weights}",
    log:
        "results/logs/weights/{weights}.log",
    wildcard_constraints:
        weights=r"[\w.-]+\.pth",
    resources:
        mem_mb=grown(1000),
        runtime=grown(60),
    params:
        model=lookup("{weights}", within=IMAGENET_WEIGHTS),
    script:
        "../scripts/imagenet_weights.py"


def folder_threads(wildcards):
    """All but one decode images, which a GPU soon waits for; small ones are decoded in passing."""
    few = SETTINGS.fridovichkeil2021.imagenet.data.source == "photographs"
    return 1 if few else 8


rule train_folder_classifier:
    """One classifier of the images in a folder; a killed job goes on where its checkpoint was."""
    input:
        index="<results>/data/imagenet.json",
    output:
        model="<results>/fridovichkeil2021/{folder_classifier}/model.safetensors",
        epochs="<results>/fridovichkeil2021/{folder_classifier}/epochs.safetensors",
        history="<results>/fridovichkeil2021/{folder_classifier}/history.npz",
        metrics="<results>/fridovichkeil2021/{folder_classifier}/metrics.csv",
        record="<results>/fridovichkeil2021/{folder_classifier}/run.json",
    log:
        "<logs>/train_folder_classifier/{folder_classifier}.log",
    priority: 1  # see train_classifier
    threads: folder_threads
    resources:
        mem_mb=grown(MEMORY_MB["classifier"]),
        runtime=grown(1440),
        gpu=GPU,
    params:
        run=lookup("{folder_classifier}", within=RUN_SETTINGS),
        scale=SETTINGS.scale,
        code=folder_classifier_code,
    script:
        "../scripts/train_folder_classifier.py"
