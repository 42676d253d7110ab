"""Lists and helpers for the rules of ImageNet; no rules."""

# What is measured, by name.
IMAGENET = SETTINGS.fridovichkeil2021.imagenet.measurements()


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


def imagenet_inputs(wildcards):
    """The files of one network that is to be measured."""
    network = IMAGENET[wildcards.network]
    if network["kind"] == "trained":
        folder = f"<results>/fridovichkeil2021/{network['run']}"
        return {"model": f"{folder}/model.safetensors", "record": f"{folder}/run.json"}
    if network["kind"] == "torchvision":
        files = {model: file for file, model in IMAGENET_WEIGHTS.items()}
        return {
            "weights": f"results/data/weights/{files.get(network['weights'], 'none')}"
        }
    return {"checkpoint": network["file"]}


def imagenet_index():
    """What the folder of images holds; nothing where no network is measured."""
    return ["<results>/data/imagenet.json"] if IMAGENET else []


def of_imagenet(name):
    """One table of every network that is measured."""
    return [
        f"<results>/fridovichkeil2021/imagenet/{network}/{name}.csv"
        for network in IMAGENET
    ]
