rule measure_interpolation:
    """Measurement B: class probabilities along paths between test images, one classifier."""
    input:
        model="<results>/fridovichkeil2021/{measured}/model.safetensors",
        epochs="<results>/fridovichkeil2021/{measured}/epochs.safetensors",
        record="<results>/fridovichkeil2021/{measured}/run.json",
        images="<results>/data/cifar10.npz",
        shifted="<results>/data/shifted.npz",
    output:
        summary="<results>/fridovichkeil2021/{measured}/interpolation_summary.csv",
        fractions="<results>/fridovichkeil2021/{measured}/interpolation_fractions.csv",
        spectra="<results>/fridovichkeil2021/{measured}/interpolation_spectra.csv",
        classes="<results>/fridovichkeil2021/{measured}/class_accuracy.csv",
    log:
        "<logs>/measure_interpolation/{measured}.log",
    benchmark:
        "<benchmarks>/measure_interpolation/{measured}.tsv"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=120,
        gpu=int(SETTINGS.device == "cuda"),
    params:
        settings=SETTINGS.fridovichkeil2021.cifar10.interpolation.model_dump(),
        seed=SETTINGS.seed,
        code=code_of("measure_interpolation"),
    script:
        "../../scripts/measure_interpolation.py"


rule measure_interpolation_example:
    """One path within a class and one between two, of the baseline."""
    input:
        model=f"<results>/fridovichkeil2021/{CIFAR10_BASELINE}/model.safetensors",
        record=f"<results>/fridovichkeil2021/{CIFAR10_BASELINE}/run.json",
        images="<results>/data/cifar10.npz",
    output:
        example="<results>/fridovichkeil2021/tables/interpolation_example.csv",
        spectrum="<results>/fridovichkeil2021/tables/interpolation_example_spectrum.csv",
        images="<results>/fridovichkeil2021/tables/interpolation_images.npz",
    log:
        "<logs>/measure_interpolation_example.log",
    threads: 1
    resources:
        mem_mb=3000,
        runtime=30,
        gpu=int(SETTINGS.device == "cuda"),
    params:
        settings=SETTINGS.fridovichkeil2021.cifar10.interpolation.model_dump(),
        seed=SETTINGS.seed,
        code=code_of("measure_interpolation_example"),
    script:
        "../../scripts/measure_interpolation_example.py"


rule collect_interpolation:
    """What all classifiers gave, in one table of each kind."""
    input:
        of_classifiers(CIFAR10_MEASURED, "{name}.csv"),
    output:
        "<results>/fridovichkeil2021/tables/{name}.csv",
    log:
        "<logs>/collect_interpolation/{name}.log",
    wildcard_constraints:
        name="interpolation_summary|interpolation_fractions|interpolation_spectra|class_accuracy",
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code_of("collect_interpolation"),
    script:
        "../../scripts/collect_interpolation.py"
