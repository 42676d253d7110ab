rule rahaman2018_fig01:
    """Sums of sinusoids: spectra and spectral norms over training."""
    input:
        "<results>/rahaman2018/tables/sinusoids_spectrum.csv",
        "<results>/rahaman2018/tables/sinusoids_norms.csv",
    output:
        **figure_files("rahaman2018", "fig01"),
    log:
        "<logs>/figures/rahaman2018_fig01.log",
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        **figure_params("rahaman2018", "fig01", "sinusoids"),
    script:
        "../scripts/figure.py"


use rule rahaman2018_fig01 as rahaman2018_fig02 with:
    input:
        "<results>/rahaman2018/tables/sinusoids_function.csv",
    output:
        **figure_files("rahaman2018", "fig02"),
    log:
        "<logs>/figures/rahaman2018_fig02.log",
    params:
        **figure_params("rahaman2018", "fig02", "sinusoids"),


use rule rahaman2018_fig01 as rahaman2018_fig03 with:
    input:
        "<results>/rahaman2018/tables/perturbation.csv",
    output:
        **figure_files("rahaman2018", "fig03"),
    log:
        "<logs>/figures/rahaman2018_fig03.log",
    params:
        **figure_params("rahaman2018", "fig03", "perturbation"),


use rule rahaman2018_fig01 as rahaman2018_fig04 with:
    input:
        "<results>/rahaman2018/tables/label_noise_loss.csv",
    output:
        **figure_files("rahaman2018", "fig04"),
    log:
        "<logs>/figures/rahaman2018_fig04.log",
    params:
        **figure_params("rahaman2018", "fig04", "label_noise"),


use rule rahaman2018_fig01 as rahaman2018_fig10 with:
    input:
        "<results>/rahaman2018/tables/sinusoids_loss.csv",
    output:
        **figure_files("rahaman2018", "fig10"),
    log:
        "<logs>/figures/rahaman2018_fig10.log",
    params:
        **figure_params("rahaman2018", "fig10", "sinusoids"),


use rule rahaman2018_fig01 as rahaman2018_fig11 with:
    input:
        "<results>/rahaman2018/tables/label_noise_loss.csv",
    output:
        **figure_files("rahaman2018", "fig11"),
    log:
        "<logs>/figures/rahaman2018_fig11.log",
    params:
        **figure_params("rahaman2018", "fig11", "label_noise"),
