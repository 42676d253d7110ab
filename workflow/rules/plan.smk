from dataclasses import asdict


localrules:
    plan,


def paths_through_networks(wildcards):
    """Imports PyTorch: only when it is asked for, or every start of the workflow would wait for it."""
    from spectral_bias.cost.paths import path_work

    return [asdict(work) for work in path_work(SETTINGS)]


rule plan:
    """Prints what everything costs, before anything is spent; writes no result, so always runs."""
    log:
        "<logs>/plan.log",
    resources:
        mem_mb=grown(1000),
        runtime=grown(5),
    params:
        runs=lambda _: RUN_SETTINGS,
        sections=lambda _: {
            f"{paper} {name}": [*section.runs()]
            for paper in FIGURES
            for name, section in getattr(SETTINGS, paper)
        },
        builders=experiments.problems(),
        memory_mb=MEMORY_MB,
        measuring_mb=max(m.mem_mb for _, m in experiments.measurements()),
        paths=paths_through_networks,
        scale=SETTINGS.scale,
        benchmark="results/benchmarks/classifier.json",
        measurements={
            "along paths between images, one classifier each": len(
                SETTINGS.fridovichkeil2021.cifar10.measured_runs()
            ),
            "along paths between larger images, one network each": len(
                SETTINGS.fridovichkeil2021.imagenet.measurements()
            ),
            "of noise fitting, all classifiers together": 1,
        },
    script:
        "../scripts/plan.py"
