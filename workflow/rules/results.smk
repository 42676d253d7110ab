"""Everything that a finished build holds, so that what was removed is made again; no rules.

Snakemake makes a missing file again only if a target asks for it: a figure that is not there would
not matter as long as the report is newer than what the figure is drawn from.
"""

RUN_FILES = {
    MlpRun: ("model.safetensors", "history.npz", "metrics.csv", "run.json"),
    ClassifierRun: CLASSIFIER_FILES,
    AutoencoderRun: (
        *("model.safetensors", "history.npz", "metrics.csv", "run.json"),
        "reconstructions.npz",
    ),
}


def trained():
    """The files of every training run."""
    return [
        f"<results>/{run.paper}/{name}/{file}"
        for name, run in RUNS.items()
        for file in RUN_FILES[type(run)]
    ]


def measured():
    """Every measured table."""
    return list(map(placed, experiments.measured_files(SETTINGS)))


def drawn():
    """The files of every figure."""
    return [
        file
        for suffix in ("png", "pdf", "csv", "json")
        for file in figures_of(*FIGURES, suffix=suffix)
    ]
