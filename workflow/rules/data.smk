# They download, which compute nodes of a cluster often cannot.
localrules:
    digits,
    mnist,
    mnist_5k,
    images,
    shifted_images,


rule digits:
    """Three data sets of handwritten digits: this one lies inside scikit-learn."""
    output:
        DIGITS["digits"],
    log:
        "results/logs/digits.log",
    resources:
        mem_mb=grown(1000),
        runtime=grown(5),
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


use rule digits as mnist_5k with:
    output:
        DIGITS["mnist_5k"],
    log:
        "results/logs/mnist_5k.log",
    params:
        source="mnist_5k",
        data_root=None,
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
        mem_mb=grown(2000),
        runtime=grown(5),
    params:
        run=lookup("{run}", within=RUN_SETTINGS),
        builder=problem_module,
        code=problem_code,
    script:
        "../scripts/problem.py"


rule images:
    """Small colour images of several classes, for training and for testing."""
    output:
        "<results>/data/{dataset}.npz",
    log:
        "<logs>/images/{dataset}.log",
    resources:
        mem_mb=grown(4000),
        runtime=grown(60),
    params:
        data=lookup("{dataset}", within=DATASETS),
        seed=SETTINGS.seed,
        data_root=SETTINGS.data_root,
        code=code_of("images"),
    script:
        "../scripts/images.py"


rule shifted_images:
    """Test images of another distribution, for classifiers trained on CIFAR-10."""
    input:
        images="<results>/data/cifar10.npz",
    output:
        "<results>/data/shifted.npz",
    log:
        "<logs>/shifted_images.log",
    resources:
        mem_mb=grown(2000),
        runtime=grown(30),
    params:
        shift=SETTINGS.fridovichkeil2021.cifar10.shift.model_dump(),
        data_root=SETTINGS.data_root,
        code=code_of("shifted_images"),
    script:
        "../scripts/shifted_images.py"
