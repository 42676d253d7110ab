localrules:
    plan,


rule plan:
    """Prints what training costs, before anything is spent; writes no result, so always runs."""
    log:
        "<logs>/plan.log",
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        runs=[RUNS[name] for name in CLASSIFIERS],
        scale=SETTINGS.scale,
        precision=SETTINGS.precision,
        benchmark="results/benchmarks/classifier.json",
        measurements={
            "of one classifier along paths between images": len(CIFAR10_MEASURED),
            "of noise fitting in all": 1,
        },
    script:
        "../scripts/plan.py"
