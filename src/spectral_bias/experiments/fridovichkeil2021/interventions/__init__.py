"""Interventions of Fridovich-Keil et al. 2021 (figures 5 to 10, 13, 16)."""

from collections.abc import Mapping, Sequence
from typing import Any

from spectral_bias.experiments.experiment import Experiment, Figure, Measurement, run_files
from spectral_bias.experiments.fridovichkeil2021 import choices

ALL_MODELS = (
    "intervention_models",
    "intervention_correlations",
    "matched_models",
    "published_agreement",
)


def _one(figure: str, *more: str) -> Figure:
    """A figure of one intervention; `more` are tables besides interventions and summary."""

    def items(settings: Any) -> Mapping[str, Sequence[str]]:
        runs = choices.measured_runs(settings, figure)
        return {key: [figure] for key in ("interventions", *more)} | {"interpolation_summary": runs}

    return Figure("cifar10", ("interventions", *more, "interpolation_summary"), items)


def _params(settings: Any) -> Mapping[str, Any]:
    section = settings.fridovichkeil2021.cifar10
    return {
        "interventions": choices.compared_rows(settings),
        "matched": section.plan().matched,
        "stop": section.matched.model_dump(),
        "epochs": section.epochs,
        "source": section.data.source,
        "shift": section.shift.source,
    }


EXPERIMENT = Experiment(
    measurements=(
        Measurement(
            "measure_interventions",
            "models:measured",
            ALL_MODELS,
            inputs=lambda settings: {
                "interpolation_summary": [
                    file
                    for run in choices.compared_runs(settings)
                    for file in run_files(choices.PAPER, run, ["interpolation_summary.csv"])
                ]
            },
            params=_params,
            minutes=10,
        ),
    ),
    figures={
        **{f"fig{n:02d}": _one(f"fig{n:02d}", "noise_fitting", "wave_fits") for n in range(5, 10)},
        "fig10": Figure("cifar10", ALL_MODELS),
        "fig13": _one("fig13"),
        "fig16": Figure("cifar10", ("intervention_models", "intervention_correlations")),
    },
    claims=("claims", "wave_claims", "added_image_claims", "shift_claims"),
)
