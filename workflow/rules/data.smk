# They download, which compute nodes of a cluster often cannot.
localrules:
    digits,
    mnist,
    images,
    shifted_images,


rule digits:
    """Two data sets of handwritten digits: this one lies inside scikit-learn."""
    output:
        DIGITS["digits"],
    log:
        "results/logs/digits.log",
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        source="digits",
        data_root=None,
        code=code_of("digits"),
    script:
        "../scripts/digits.py"


use rule digits as mnist with:
    output:
        DIGITS["mnist"],
    log:
        "results/logs/mnist.log",
    params:
        source="mnist",
        data_root=SETTINGS.data_root,
        code=code_of("digits"),


rule problem:
    """Inputs, targets and seeds of one training run."""
    input:
        unpack(problem_data),
    output:
        "<results>/rahaman2018/{run}/problem.npz",
    log:
        "<logs>/problem/{run}.log",
    resources:
        mem_mb=2000,
        runtime=5,
    params:
        run=lookup("{run}", within=RUNS),
        code=problem_code,
    script:
        "../scripts/problem.py"
