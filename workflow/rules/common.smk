"""Lists and helpers that the rules use; no rules."""

import re
from pathlib import Path

from spectral_bias.config.runs import training_runs
from spectral_bias.provenance import code_files, code_version
from spectral_bias.tracking import tracking_uri, unfinished

RUNS = training_runs(SETTINGS)
MLPS = [name for name, run in RUNS.items() if "problem" in run]
CLASSIFIERS = [
    name for name, run in RUNS.items() if "callable" in run.get("network", ())
]
FOLDER_CLASSIFIERS = list(SETTINGS.fridovichkeil2021.imagenet.runs())
CIFAR10_PLAN = SETTINGS.fridovichkeil2021.cifar10.plan()
CIFAR10_RUNS = list(CIFAR10_PLAN.runs)
CIFAR10_MEASURED = SETTINGS.fridovichkeil2021.cifar10.measured_runs()
CIFAR10_BASELINE = SETTINGS.fridovichkeil2021.cifar10.baseline
# The sets of small images that classifiers are trained on.
DATASETS = {
    "adversarial": SETTINGS.rahaman2018.adversarial.data.model_dump(),
    "cifar10": SETTINGS.fridovichkeil2021.cifar10.data.model_dump(),
}
DIGITS = {
    "digits": "results/data/digits.npz",
    "mnist": "results/data/mnist.npz",
}


def images_of(run):
    """The prepared images that a classifier is trained on."""
    return f"<results>/data/{RUNS[run]['experiment']}.npz"


wildcard_constraints:
    run="|".join(MLPS),
    dataset="|".join(DATASETS),
    classifier="|".join(map(re.escape, sorted({*CLASSIFIERS} - {*FOLDER_CLASSIFIERS}))),
    folder_classifier="|".join(map(re.escape, FOLDER_CLASSIFIERS)) or "none",
    measured="|".join(map(re.escape, CIFAR10_MEASURED)),
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
    run = RUNS[wildcards.run]
    if "autoencoder" in run:
        return {
            "reconstructions": f"<results>/rahaman2018/{run['autoencoder']}/reconstructions.npz"
        }
    return {"digits": DIGITS[run["data"]["source"]]} if "data" in run else {}


def classifier_inputs(wildcards):
    """Images of a classifier, and its teacher where it has one."""
    run = RUNS[wildcards.classifier]
    inputs = {"images": images_of(wildcards.classifier)}
    if run.get("teacher"):
        folder = f"<results>/{wildcards.paper}/{run['teacher']}"
        inputs |= {
            "teacher": f"{folder}/model.safetensors",
            "teacher_record": f"{folder}/run.json",
        }
    return inputs


def of_classifiers(runs, file):
    """One file of each of some classifiers of Fridovich-Keil et al."""
    return [f"<results>/fridovichkeil2021/{run}/{file}" for run in runs]


def of_run(run):
    """The files of a finished run that measurements read."""
    folder = f"<results>/rahaman2018/{run}"
    return {
        "problem": f"{folder}/problem.npz",
        "history": f"{folder}/history.npz",
        "model": f"{folder}/model.safetensors",
        "record": f"{folder}/run.json",
    }


def delta_files(wildcards):
    """The files of all runs that one sweep of Experiment 7 needs."""
    runs = SETTINGS.rahaman2018.delta.runs_of(wildcards.sweep)
    return [file for run in runs for file in of_run(run).values()]


def delta_networks(wildcards):
    return SETTINGS.rahaman2018.delta.sweeps()[wildcards.sweep]


def table(paper, name):
    return f"<results>/{paper}/tables/{name if Path(name).suffix else f'{name}.csv'}"


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
        if not Path(name).suffix
    }


def run_records():
    return [f"<results>/{run['paper']}/{name}/run.json" for name, run in RUNS.items()]


def untracked(wildcards):
    """Differs from call to call while the store lacks results, so that `track` runs again."""
    store = tracking_uri("results", SETTINGS.tracking.uri)
    return unfinished(f"results/{SETTINGS.scale}/tracking.json", store)
