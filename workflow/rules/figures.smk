rule figure:
    """One figure: two pictures, the numbers that were drawn, the facts."""
    input:
        unpack(figure_tables),
    output:
        png="<results>/figures/{paper}/{figure}.png",
        pdf="<results>/figures/{paper}/{figure}.pdf",
        csv="<results>/figures/{paper}/{figure}.csv",
        json="<results>/figures/{paper}/{figure}.json",
    log:
        "<logs>/figure/{paper}_{figure}.log",
    resources:
        mem_mb=grown(2000),
        runtime=grown(10),
    params:
        drawing=figure_module,
        context=figure_context,
        code=figure_code,
    script:
        "../scripts/figure.py"
