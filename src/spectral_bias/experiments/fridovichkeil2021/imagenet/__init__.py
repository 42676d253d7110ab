"""ImageNet in Fridovich-Keil et al. 2021 (figures 14, 15)."""

from collections.abc import Mapping, Sequence
from typing import Any

from spectral_bias.experiments.experiment import Experiment, Figure, Measurement, Outside, run_files

PAPER = "fridovichkeil2021"
INDEX = "data/imagenet.json"
PARTS = ("models", "spectra", "classes")
"""Tables of one network."""


def _section(settings: Any) -> Any:
    return settings.fridovichkeil2021.imagenet


def _network(settings: Any, name: str) -> Mapping[str, Sequence[str]]:
    """The files of one network that is measured, and the index of the images."""
    network = _section(settings).measurements()[name]
    if network["kind"] == "trained":
        files = run_files(PAPER, network["run"], ["model.safetensors", "run.json"])
    elif network["kind"] == "torchvision":
        from spectral_bias.models.pretrained import named_weights

        files = [Outside(f"results/data/weights/{named_weights(network['weights']).file}")]
    else:
        files = [Outside(network["file"])]
    return {"network": files, "index": [INDEX]}


def _callables(settings: Any, name: str) -> list[str]:
    network = _section(settings).measurements()[name]
    if network["kind"] == "trained":
        return [_section(settings).runs()[network["run"]].network.callable]
    return [network.get("callable", "torchvision.models")]


def _collected(settings: Any) -> Mapping[str, Sequence[str]]:
    names = _section(settings).measurements()
    parts = {part: [f"{PAPER}/imagenet/{name}/{part}.csv" for name in names] for part in PARTS}
    return parts | {"index": [INDEX] if names else []}


def _paths(settings: Any) -> dict[str, Any]:
    return {"paths": _section(settings).interpolation.model_dump(), "seed": settings.seed}


EXPERIMENT = Experiment(
    sections={"imagenet": "settings:ImageNet"},
    measurements=(
        Measurement(
            "measure_imagenet",
            "measure:measured",
            PARTS,
            items=lambda settings: list(_section(settings).measurements()),
            folder="imagenet/{item}",
            inputs=_network,
            params=lambda settings, name: (
                _paths(settings)
                | {
                    "network": _section(settings).measurements()[name],
                    "precision": settings.precision,
                }
            ),
            networks=_callables,
            mem_mb=6000,
            minutes=480,
            gpu=True,
        ),
        Measurement(
            "collect_imagenet",
            "tables:collected",
            (
                *(f"imagenet_{part}" for part in PARTS),
                "imagenet_correlations",
                "imagenet_samples.npz",
            ),
            inputs=_collected,
            params=_paths,
            made_from={f"imagenet_{part}": (part,) for part in PARTS},
            minutes=10,
        ),
    ),
    figures={
        "fig14": Figure(
            "imagenet", ("imagenet_models", "imagenet_spectra", "imagenet_correlations")
        ),
        "fig15": Figure(
            "imagenet",
            (
                "imagenet_models",
                "imagenet_classes",
                "imagenet_correlations",
                "imagenet_samples.npz",
            ),
        ),
    },
    claims=("claims",),
)
