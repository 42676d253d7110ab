rule claims:
    """What the papers claim and what must hold in any case, decided on the measured tables."""
    input:
        **claim_tables(),
    output:
        claims="<results>/claims.json",
        checks="<results>/checks.json",
    log:
        "<logs>/claims.log",
    resources:
        mem_mb=grown(2000),
        runtime=grown(10),
    params:
        code=code_of("claims", *experiments.claim_modules()),
    script:
        "../scripts/claims.py"


rule agreement:
    """Every comparison with the authors' own figures of one paper in one table."""
    input:
        figures=lambda wildcards: figures_of(wildcards.paper, suffix="json"),
    output:
        "<results>/{paper}/agreement.csv",
    log:
        "<logs>/agreement/{paper}.log",
    resources:
        mem_mb=grown(1000),
        runtime=grown(5),
    params:
        code=code_of("agreement"),
    script:
        "../scripts/agreement.py"


rule report:
    """One page that opens alone: figures, captions, claims, checks, agreement, runs."""
    input:
        figures=figures_of(*FIGURES, suffix="json"),
        claims="<results>/claims.json",
        checks="<results>/checks.json",
        agreement=expand("<results>/{paper}/agreement.csv", paper=FIGURES),
        runs=run_records(),
        template="src/spectral_bias/report/report.html.jinja",
        style="src/spectral_bias/report/report.css",
    output:
        "<results>/report.html",
    log:
        "<logs>/report.log",
    resources:
        mem_mb=grown(1000),
        runtime=grown(10),
    params:
        settings=SETTINGS.model_dump(),
        scale=SETTINGS.scale,
        code=code_of("report", *experiments.claim_modules()),
    script:
        "../scripts/report.py"


def files_of_runs(wildcards):
    """The records of a paper's runs, and the tables that each run was measured into."""
    tables = [file for file in measured() if Path(file).parent.name in RUNS]
    files = [*run_records(), *tables]
    return [file for file in files if file.startswith(f"<results>/{wildcards.paper}/")]


def runs_ahead(wildcards):
    """What `track_runs` leaves, unless the store lies on a network file system, where one process
    alone may write: SQLite's locks do not hold there."""
    return (
        expand("<results>/{paper}/tracking.json", paper=FIGURES)
        if live_uri(STORE)
        else []
    )


# Beside the store; SQLite on a network file system locks badly.
localrules:
    track_runs,
    track,


rule track_runs:
    """Brings the runs of one paper into MLflow while others are made: most of the work of `track`,
    which the end of a build would wait for."""
    input:
        files_of_runs,
    output:
        "<results>/{paper}/tracking.json",
    log:
        "<logs>/track_runs/{paper}.log",
    priority: 2
    resources:
        mem_mb=grown(1500),
        runtime=grown(30),
    params:
        scale=SETTINGS.scale,
    script:
        "../scripts/track_runs.py"


rule track:
    """Brings runs and figures into MLflow; what is there already stays as it is."""
    input:
        figures=figures_of(*FIGURES, suffix="json"),
        claims="<results>/claims.json",
        runs=run_records(),
        ahead=runs_ahead,
    output:
        "<results>/tracking.json",
    log:
        "<logs>/track.log",
    resources:
        mem_mb=grown(1500),
        runtime=grown(30),
    params:
        scale=SETTINGS.scale,
        store=public_uri(STORE),
        retry=untracked,
    script:
        "../scripts/track.py"
