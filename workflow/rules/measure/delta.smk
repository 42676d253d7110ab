rule measure_delta_target:
    """Experiment 7: the target and its spectrum; nothing is trained for it."""
    input:
        f"<results>/rahaman2018/{SETTINGS.rahaman2018.delta.runs_of('depth')[0]}/problem.npz",
    output:
        target="<results>/rahaman2018/tables/delta_target.csv",
        spectrum="<results>/rahaman2018/tables/delta_target_spectrum.csv",
    log:
        "<logs>/measure_delta_target.log",
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code_of("measure_delta_target"),
    script:
        "../../scripts/measure_delta_target.py"


rule measure_delta:
    """Experiment 7: spectra over training while depth, width or weight clip varies."""
    input:
        delta_files,
    output:
        spectrum="<results>/rahaman2018/tables/delta_{sweep}_spectrum.csv",
        share="<results>/rahaman2018/tables/delta_{sweep}_share.csv",
    log:
        "<logs>/measure_delta_{sweep}.log",
    benchmark:
        "<benchmarks>/measure_delta_{sweep}.tsv"
    wildcard_constraints:
        sweep="depth|width|clip",
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        networks=delta_networks,
        code=code_of("measure_delta"),
    script:
        "../../scripts/measure_delta.py"


use rule measure_delta as measure_delta_function with:
    output:
        function="<results>/rahaman2018/tables/delta_{sweep}_function.csv",
    log:
        "<logs>/measure_delta_{sweep}_function.log",
    benchmark:
        "<benchmarks>/measure_delta_{sweep}_function.tsv"
