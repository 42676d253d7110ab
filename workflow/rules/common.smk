"""Lists and helpers that the rules use; no rules."""

from pathlib import Path

from spectral_bias.config.runs import training_runs
from spectral_bias.provenance import code_files, code_version
from spectral_bias.tracking import tracking_uri, unfinished

RUNS = training_runs(SETTINGS)
# The tables that each figure is drawn from, and the experiment whose settings its caption states.
FIGURES = {
    "rahaman2018": {
        "fig01": ("sinusoids", ["sinusoids_spectrum", "sinusoids_norms"]),
        "fig02": ("sinusoids", ["sinusoids_function"]),
        "fig03": ("perturbation", ["perturbation"]),
        "fig04": ("label_noise", ["label_noise_loss"]),
        "fig10": ("sinusoids", ["sinusoids_loss"]),
        "fig11": ("label_noise", ["label_noise_loss"]),
    },
}
DIGITS = {
    "digits": "results/data/digits.npz",
    "mnist": "results/data/mnist.npz",
}


wildcard_constraints:
    run="|".join(RUNS),
    paper="|".join(FIGURES),
    figure=r"fig\d\d",


def code_of(script, *modules, data=()):
    """Version of a script and of every project module it imports.

    `modules` are those it chooses by name, `data` further files of the package that it reads.
    """
    files = [f"src/spectral_bias/{module.replace('.', '/')}.py" for module in modules]
    return code_version([*code_files(f"workflow/scripts/{script}.py", *files), *data])


def problem_code(wildcards):
    return code_of("problem", f"data.{RUNS[wildcards.run]['problem']}")


def problem_data(wildcards):
    """Prepared data that a run's problem is made from, if any."""
    data = RUNS[wildcards.run].get("data")
    return {"digits": DIGITS[data["source"]]} if data else {}


def of_run(run):
    """The files of a finished run that measurements read."""
    folder = f"<results>/rahaman2018/{run}"
    return {
        "problem": f"{folder}/problem.npz",
        "history": f"{folder}/history.npz",
        "model": f"{folder}/model.safetensors",
        "record": f"{folder}/run.json",
    }


def table(paper, name):
    return f"<results>/{paper}/tables/{name}.csv"


def figure_tables(wildcards):
    _, tables = FIGURES[wildcards.paper][wildcards.figure]
    return [table(wildcards.paper, name) for name in tables]


def figure_context(wildcards):
    """What a caption may state: the scale, and the settings of the figure's experiment."""
    experiment, _ = FIGURES[wildcards.paper][wildcards.figure]
    settings = getattr(SETTINGS, wildcards.paper).model_dump(include={experiment})
    return {"scale": SETTINGS.scale, "settings": settings}


def figure_code(wildcards):
    authors = Path("src/spectral_bias/reference", wildcards.paper).glob("*.csv")
    drawing = f"figures.{wildcards.paper}.{wildcards.figure}"
    return code_of("figure", drawing, data=authors)


def figures_of(*papers, suffix="png"):
    """All figures of some papers."""
    stems = [(paper, figure) for paper in papers for figure in FIGURES[paper]]
    return [f"<results>/figures/{paper}/{figure}.{suffix}" for paper, figure in stems]


def claim_tables():
    """Every table that a figure is drawn from, by name."""
    return {
        name: table(paper, name)
        for paper, figures in FIGURES.items()
        for _, tables in figures.values()
        for name in tables
    }


def run_records():
    return collect("<results>/rahaman2018/{run}/run.json", run=RUNS)


def untracked(wildcards):
    """Differs from call to call while the store lacks results, so that `track` runs again."""
    store = tracking_uri("results", SETTINGS.tracking.uri)
    return unfinished(f"results/{SETTINGS.scale}/tracking.json", store)
