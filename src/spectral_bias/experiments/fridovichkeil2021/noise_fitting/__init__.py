"""Measurement A of Fridovich-Keil et al. 2021: noise fitting (figures 1, 3, 11, 12, 17)."""

from collections.abc import Mapping, Sequence
from typing import Any

from spectral_bias.experiments.experiment import Experiment, Figure, Measurement, run_files
from spectral_bias.experiments.fridovichkeil2021 import choices

NOISE = ("noise_fitting", "wave_fits")
DRAWN = ("fig01", "fig03", "fig05", "fig06", "fig07", "fig08", "fig09", "fig11", "fig12", "fig13")
"""Figures with tables of their own runs' noise fitting, or of their interventions."""


def _section(settings: Any) -> Any:
    return settings.fridovichkeil2021.cifar10


def _own(figure: str, *tables: str) -> Figure:
    """A figure of the tables that are made for it."""

    def items(settings: Any) -> Mapping[str, Sequence[str]]:
        return {key: [figure] for key in tables}

    return Figure("cifar10", tables, items)


def _of_figure(settings: Any, figure: str) -> dict[str, Any]:
    """Parameters of a figure's tables: they depend on nothing of other figures' runs."""
    return {
        "waves": choices.wave_rows(settings, figure),
        "interventions": choices.intervention_rows(settings, figure),
        "warm_up": _section(settings).wave.warm_up,
    }


def _files(settings: Any, figure: str) -> dict[str, list[str]]:
    rows = choices.wave_rows(settings, figure)
    return choices.noise_files(settings, choices.noise_runs(settings, rows))


EXPERIMENT = Experiment(
    measurements=(
        Measurement(
            "measure_noise_fitting",
            "measure:measured",
            ("classifiers", "interventions", "extremes", "wave_fits"),
            inputs=lambda settings: choices.noise_files(settings, _section(settings).plan().runs),
            params=lambda settings: {
                "waves": _section(settings).plan().waves,
                "interventions": _section(settings).plan().interventions,
                "extremes": _section(settings).plan().extremes,
                "warm_up": _section(settings).wave.warm_up,
            },
            minutes=10,
        ),
        Measurement(
            "measure_noise_fitting_of_figure",
            "measure:of_figure",
            ("interventions", *NOISE),
            items=lambda settings: DRAWN,
            folder="tables/{item}",
            inputs=_files,
            params=_of_figure,
            minutes=10,
        ),
        Measurement(
            "measure_single_classes",
            "single_classes:measured",
            ("single_classes", "single_class_correlations"),
            inputs=lambda settings: (
                _files(settings, "fig17")
                | {
                    name: run_files(choices.PAPER, _section(settings).baseline, [f"{name}.csv"])
                    for name in ("interpolation_fractions", "class_accuracy")
                }
            ),
            params=lambda settings: {
                "waves": choices.wave_rows(settings, "fig17"),
                "warm_up": _section(settings).wave.warm_up,
            },
            minutes=10,
        ),
    ),
    figures={
        "fig01": _own("fig01", *NOISE),
        "fig03": _own("fig03", *NOISE),
        "fig11": _own("fig11", "wave_fits"),
        "fig12": _own("fig12", "wave_fits"),
        "fig17": Figure("cifar10", ("single_classes", "single_class_correlations")),
    },
    claims=("claims", "image_frequency_claims", "single_class_claims"),
)
