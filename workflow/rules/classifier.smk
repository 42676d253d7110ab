rule images:
    """Small colour images of several classes, for training and for testing."""
    output:
        images_of("adversarial_classifier"),
    log:
        "<logs>/images.log",
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        data=RUNS["adversarial_classifier"]["data"],
        seed=SETTINGS.seed,
        data_root=SETTINGS.data_root,
        code=code_of("images"),
    script:
        "../scripts/images.py"


rule train_classifier:
    """Experiment 9: one image classifier; a killed job goes on where its checkpoint was.

    One thread: the small convolutions of the quick scale gain little from a second one.
    """
    input:
        images=images_of("adversarial_classifier"),
    output:
        model="<results>/rahaman2018/adversarial_classifier/model.safetensors",
        history="<results>/rahaman2018/adversarial_classifier/history.npz",
        metrics="<results>/rahaman2018/adversarial_classifier/metrics.csv",
        record="<results>/rahaman2018/adversarial_classifier/run.json",
    log:
        "<logs>/train_classifier.log",
    benchmark:
        "<benchmarks>/train_classifier.tsv"
    threads: 1
    resources:
        mem_mb=6000,
        runtime=240,
        gpu=int(SETTINGS.device == "cuda"),
    params:
        run=RUNS["adversarial_classifier"],
        scale=SETTINGS.scale,
        code=code_of("train_classifier"),
    script:
        "../scripts/train_classifier.py"
