rule measure_adversarial:
    """Experiment 9: attacks on the classifier, paths between images of one class."""
    input:
        model="<results>/rahaman2018/adversarial_classifier/model.safetensors",
        record="<results>/rahaman2018/adversarial_classifier/run.json",
        images=images_of("adversarial_classifier"),
    output:
        classifier="<results>/rahaman2018/tables/adversarial_classifier.csv",
        attacks="<results>/rahaman2018/tables/adversarial_attacks.csv",
        paths="<results>/rahaman2018/tables/adversarial_paths.csv",
        images="<results>/rahaman2018/tables/adversarial_images.csv",
        pixels="<results>/rahaman2018/tables/adversarial_pixels.npz",
    log:
        "<logs>/measure_adversarial.log",
    benchmark:
        "<benchmarks>/measure_adversarial.tsv"
    threads: 1
    resources:
        mem_mb=6000,
        runtime=120,
        gpu=int(SETTINGS.device == "cuda"),
    params:
        settings=SETTINGS.rahaman2018.adversarial.measurement(),
        code=code_of("measure_adversarial"),
    script:
        "../../scripts/measure_adversarial.py"
