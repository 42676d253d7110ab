rule measure_neighbours:
    """Appendix E: accuracies and radial spectra of nearest neighbours, spectra of networks."""
    input:
        cells=of_run("manifold_classification").values(),
        networks=of_run("neighbours").values(),
    output:
        accuracy="<results>/rahaman2018/tables/neighbours_accuracy.csv",
        spectrum="<results>/rahaman2018/tables/neighbours_spectrum.csv",
        exponent="<results>/rahaman2018/tables/neighbours_exponent.csv",
    log:
        "<logs>/measure_neighbours.log",
    benchmark:
        "<benchmarks>/measure_neighbours.tsv"
    threads: 2
    resources:
        mem_mb=3000,
        runtime=30,
    params:
        sizes=SETTINGS.rahaman2018.neighbours.model_dump(
            include={"n_neighbours", "box", "box_points"}
        ),
        fit_band=SETTINGS.rahaman2018.neighbours.fit_band,
        code=code_of("measure_neighbours"),
    script:
        "../../scripts/measure_neighbours.py"
