rule measure_imagenet:
    """Paths between images and diversity of classes, as one network of larger images sees them."""
    input:
        unpack(imagenet_inputs),
        index="<results>/data/imagenet.json",
    output:
        models="<results>/fridovichkeil2021/imagenet/{network}/models.csv",
        spectra="<results>/fridovichkeil2021/imagenet/{network}/spectra.csv",
        classes="<results>/fridovichkeil2021/imagenet/{network}/classes.csv",
    log:
        "<logs>/measure_imagenet/{network}.log",
    benchmark:
        "<benchmarks>/measure_imagenet/{network}.tsv"
    wildcard_constraints:
        network="|".join(map(re.escape, IMAGENET)),
    threads: 1
    resources:
        mem_mb=6000,
        runtime=480,
        gpu=int(SETTINGS.device == "cuda"),
    params:
        network=lookup("{network}", within=IMAGENET),
        paths=SETTINGS.fridovichkeil2021.imagenet.interpolation.model_dump(),
        seed=SETTINGS.seed,
        precision=SETTINGS.precision,
        code=code_of("measure_imagenet"),
    script:
        "../../scripts/measure_imagenet.py"


rule collect_imagenet:
    """What all networks gave, in one table of each kind; images of classes that stand out."""
    input:
        index=imagenet_index(),
        models=of_imagenet("models"),
        spectra=of_imagenet("spectra"),
        classes=of_imagenet("classes"),
    output:
        models="<results>/fridovichkeil2021/tables/imagenet_models.csv",
        spectra="<results>/fridovichkeil2021/tables/imagenet_spectra.csv",
        classes="<results>/fridovichkeil2021/tables/imagenet_classes.csv",
        samples="<results>/fridovichkeil2021/tables/imagenet_samples.npz",
    log:
        "<logs>/collect_imagenet.log",
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        paths=SETTINGS.fridovichkeil2021.imagenet.interpolation.model_dump(),
        seed=SETTINGS.seed,
        code=code_of("collect_imagenet"),
    script:
        "../../scripts/collect_imagenet.py"
