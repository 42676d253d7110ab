"""Lists and helpers that the rules use; no rules."""

import re
from pathlib import Path

from spectral_bias import experiments
from spectral_bias.cost.ensembles import ensemble
from spectral_bias.experiments.experiment import CLASSIFIER, Outside
from spectral_bias.tracking import live_uri, public_uri, tracking_uri, unfinished
from spectral_bias.training.runs import AutoencoderRun, ClassifierRun, MlpRun

RUNS = experiments.training_runs(SETTINGS)
RUN_SETTINGS = {name: run.settings() for name, run in RUNS.items()}
MLPS = [name for name, run in RUNS.items() if isinstance(run, MlpRun)]
AUTOENCODERS = [name for name, run in RUNS.items() if isinstance(run, AutoencoderRun)]
CLASSIFIERS = [name for name, run in RUNS.items() if isinstance(run, ClassifierRun)]
FOLDER_CLASSIFIERS = list(SETTINGS.fridovichkeil2021.imagenet.runs())
# Classifiers that one process trains in turn, by the name of the first: starting a process takes as
# long as a third of a training at quick scale. To Snakemake they are one job: if one of them fails
# or changes, or their number does, all are trained again. Trainings that take hours stand alone.
BATCHES = {batch[0]: batch for batch in SETTINGS.fridovichkeil2021.cifar10.batches()}
TOGETHER = {run for batch in BATCHES.values() if len(batch) > 1 for run in batch}
ALONE = {*CLASSIFIERS} - {*FOLDER_CLASSIFIERS} - TOGETHER
MINUTES_FLOP = 1e13  # what one core computes in two to three minutes
FIGURES = experiments.figures()
STORE = tracking_uri("results", SETTINGS.tracking.uri)
# The sets of small images that classifiers are trained on.
DATASETS = {
    "adversarial": SETTINGS.rahaman2018.adversarial.data.model_dump(),
    "cifar10": SETTINGS.fridovichkeil2021.cifar10.data.model_dump(),
}
CLASSIFIER_FILES = (*CLASSIFIER, "metrics.csv")
DIGITS = {name: f"results/data/{name}.npz" for name in ("digits", "mnist", "mnist_5k")}


def any_of(names):
    """A pattern for a wildcard that takes these values and no other."""
    return "|".join(map(re.escape, sorted(names))) or "none"


wildcard_constraints:
    run=any_of(MLPS),
    autoencoder=any_of(AUTOENCODERS),
    dataset=any_of(DATASETS),
    classifier=any_of(ALONE),
    folder_classifier=any_of(FOLDER_CLASSIFIERS),
    paper=any_of(FIGURES),
    figure=r"fig\d\d",


# --- versions of code ---------------------------------------------------------------------------


def networks_of(run):
    """Callables of the network of a classifier, and of its teacher."""
    names = filter(None, [run, RUNS[run].teacher])
    return tuple(RUNS[name].network.callable for name in names)


def problem_module(wildcards):
    return experiments.problems()[RUNS[wildcards.run].problem]


def problem_code(wildcards):
    return code_of("problem", problem_module(wildcards))


def classifier_code(*runs):
    networks = dict.fromkeys(c for run in runs for c in networks_of(run))
    return code_of("train_classifier", networks=tuple(networks))


def folder_classifier_code(wildcards):
    networks = networks_of(wildcards.folder_classifier)
    return code_of("train_folder_classifier", networks=networks)


def figure_code(wildcards):
    authors = Path("src/spectral_bias/reference", wildcards.paper).glob("*.csv")
    return code_of("figure", figure_module(wildcards), data=tuple(sorted(authors)))


# --- files of runs ------------------------------------------------------------------------------


def placed(file):
    """A file of an experiment's declaration as the rules name it."""
    return str(file) if isinstance(file, Outside) else f"<results>/{file}"


def all_placed(files):
    """The files of each input of a measurement."""
    return {name: [placed(file) for file in listed] for name, listed in files.items()}


def images_of(run):
    """The prepared images that a classifier is trained on."""
    return f"<results>/data/{RUNS[run].experiment}.npz"


def problem_data(wildcards):
    """Prepared data that a run's problem is made from, if any."""
    target = RUNS[wildcards.run].target
    if "autoencoder" in target:
        folder = f"<results>/rahaman2018/{target['autoencoder']}"
        return {"reconstructions": f"{folder}/reconstructions.npz"}
    return {"digits": DIGITS[target["data"]["source"]]} if "data" in target else {}


def classifier_inputs(*runs):
    """Images of classifiers, and the teachers that they have."""
    teachers = [
        f"<results>/{RUNS[run].paper}/{RUNS[run].teacher}"
        for run in runs
        if RUNS[run].teacher
    ]
    files = ("model.safetensors", "run.json")
    return {
        "images": images_of(runs[0]),
        "teachers": [f"{folder}/{file}" for folder in teachers for file in files],
    }


def classifier_outputs(*runs):
    """The files of classifiers."""
    return [
        f"<results>/{RUNS[run].paper}/{run}/{file}"
        for run in runs
        for file in CLASSIFIER_FILES
    ]


def ensemble_threads(wildcards):
    """Several for a long training. Short ones run side by side: more threads of one would wait for
    Python's lock and for its start."""
    run = RUNS[wildcards.run]
    images = {name: RUNS[name].data["source"] for name in AUTOENCODERS}
    work = ensemble(run, experiments.problems()[run.problem], images).flop()
    return 8 if work > MINUTES_FLOP else 1


def run_records():
    return [f"<results>/{run.paper}/{name}/run.json" for name, run in RUNS.items()]


# --- figures and claims -------------------------------------------------------------------------


def figure_module(wildcards):
    place, _ = FIGURES[wildcards.paper][wildcards.figure]
    return place.dotted(wildcards.figure)


def figure_tables(wildcards):
    """The files of each table that a figure is drawn from."""
    _, figure = FIGURES[wildcards.paper][wildcards.figure]
    chosen = figure.items(SETTINGS)
    tables = {}
    for name in figure.tables:
        if name in chosen:
            files = experiments.item_files(wildcards.paper, name, chosen[name])
        else:
            files = [experiments.table_file(name)]
        tables[Path(name).stem] = [placed(file) for file in files]
    return tables


def figure_context(wildcards):
    """What a caption may state: the scale, and the settings of the figure's experiment."""
    _, figure = FIGURES[wildcards.paper][wildcards.figure]
    settings = getattr(SETTINGS, wildcards.paper).model_dump(include={figure.section})
    return {"scale": SETTINGS.scale, "settings": settings}


def figures_of(*papers, suffix="png"):
    """All figures of some papers."""
    stems = [(paper, figure) for paper in papers for figure in FIGURES[paper]]
    return [f"<results>/figures/{paper}/{figure}.{suffix}" for paper, figure in stems]


def claim_tables():
    """Every table of a whole paper, by name."""
    names = [name for name in experiments.tables() if not Path(name).suffix]
    return {name: placed(experiments.table_file(name)) for name in names}


def untracked(wildcards):
    """Differs from call to call while the store lacks results, so that `track` runs again."""
    return unfinished(f"results/{SETTINGS.scale}/tracking.json", STORE)
