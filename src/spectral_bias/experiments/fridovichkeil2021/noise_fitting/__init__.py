"""Measurement A of Fridovich-Keil et al. 2021: noise fitting (figures 1, 3, 11, 12, 17)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from spectral_bias.experiments.experiment import Experiment, Figure, Measurement, run_files
from spectral_bias.experiments.fridovichkeil2021 import choices

NOISE = ("noise_fitting", "noise_minima")
DRAWN = ("fig01", "fig03", "fig05", "fig06", "fig07", "fig08", "fig09", "fig11", "fig12", "fig13")
"""Figures with tables of their own runs' noise fitting, or of their interventions."""


def _params(settings: Any, runs: Iterable[str]) -> dict[str, Any]:
    """Of a measurement of some runs: it depends on nothing of the others."""
    section = settings.fridovichkeil2021.cifar10
    bases = section.plan().bases
    own = {run: bases[run] for run in runs if run in bases}
    return {"bases": own, "warm_up": section.wave.warm_up}


def _own(figure: str, *tables: str) -> Figure:
    """A figure of the tables that are made for it."""

    def items(settings: Any) -> Mapping[str, Sequence[str]]:
        return {key: [figure] for key in tables}

    return Figure("cifar10", tables, items)


EXPERIMENT = Experiment(
    measurements=(
        Measurement(
            "measure_noise_fitting",
            "measure:measured",
            ("classifiers", "interventions", *NOISE),
            inputs=lambda settings: choices.noise_files(
                settings, settings.fridovichkeil2021.cifar10.plan().runs
            ),
            params=lambda settings: (
                _params(settings, settings.fridovichkeil2021.cifar10.plan().runs)
                | {"interventions": settings.fridovichkeil2021.cifar10.plan().interventions}
            ),
            minutes=10,
        ),
        Measurement(
            "measure_noise_fitting_of_figure",
            "measure:of_figure",
            ("interventions", *NOISE),
            items=lambda settings: DRAWN,
            folder="tables/{item}",
            inputs=lambda settings, figure: choices.noise_files(
                settings, choices.noise_runs(settings, figure)
            ),
            params=lambda settings, figure: (
                _params(settings, choices.noise_runs(settings, figure))
                | {"interventions": choices.intervention_rows(settings, figure)}
            ),
            minutes=10,
        ),
        Measurement(
            "measure_single_classes",
            "single_classes:measured",
            ("single_classes", "single_class_correlations"),
            inputs=lambda settings: (
                choices.noise_files(settings, choices.noise_runs(settings, "fig17"))
                | {
                    name: run_files(
                        choices.PAPER, settings.fridovichkeil2021.cifar10.baseline, [f"{name}.csv"]
                    )
                    for name in ("interpolation_fractions", "class_accuracy")
                }
            ),
            params=lambda settings: _params(settings, choices.noise_runs(settings, "fig17")),
            minutes=10,
        ),
    ),
    figures={
        "fig01": _own("fig01", *NOISE),
        "fig03": _own("fig03", *NOISE),
        "fig11": _own("fig11", "noise_minima"),
        "fig12": _own("fig12", "noise_minima"),
        "fig17": Figure("cifar10", ("single_classes",)),
    },
    claims=("claims", "image_frequency_claims", "single_class_claims"),
)
