"""Lists and helpers that the rules use; no rules."""

from pathlib import Path

from spectral_bias.config.runs import training_runs
from spectral_bias.provenance import code_files, code_version

RUNS = training_runs(SETTINGS)
FIGURES = {
    "rahaman2018": collect(
        "<results>/figures/rahaman2018/{figure}.png",
        figure=["fig01", "fig02", "fig03", "fig04", "fig10", "fig11"],
    ),
}
DIGITS = {
    "digits": "results/data/digits.npz",
    "mnist": "results/data/mnist.npz",
}


wildcard_constraints:
    run="|".join(RUNS),


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


def figure_files(paper, figure):
    """The four files of a figure: two pictures, the drawn numbers, the facts."""
    stem = f"<results>/figures/{paper}/{figure}"
    return {suffix: f"{stem}.{suffix}" for suffix in ("png", "pdf", "csv", "json")}


def figure_params(paper, figure, experiment):
    """Parameters of the script that draws a figure of one experiment."""
    settings = getattr(SETTINGS, paper).model_dump(include={experiment})
    context = {"scale": SETTINGS.scale, "settings": settings}
    authors = Path("src/spectral_bias/reference", paper).glob("*.csv")
    code = code_of("figure", f"figures.{paper}.{figure}", data=authors)
    return {"paper": paper, "figure": figure, "context": context, "code_version": code}


def run_records(wildcards):
    return collect("<results>/rahaman2018/{run}/run.json", run=RUNS)


def figure_records(wildcards):
    pictures = [picture for paper in FIGURES.values() for picture in paper]
    return [picture.replace(".png", ".json") for picture in pictures]
