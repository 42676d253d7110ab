"""Experiment 7 of Rahaman et al. 2018: fitting a delta (figures 14 to 18)."""

from typing import Any

from spectral_bias.experiments.experiment import Experiment, Figure, Measurement, run_files

PAPER = "rahaman2018"


def _sweep(name: str, *more: str) -> Measurement:
    """The measurement of one sweep; `more` are tables besides spectrum and share."""

    def inputs(settings: Any) -> dict[str, list[str]]:
        runs = settings.rahaman2018.delta.runs_of(name)
        return {"runs": [file for run in runs for file in run_files(PAPER, run)]}

    return Measurement(
        f"measure_delta_{name}",
        "measure:sweep",
        tuple(f"delta_{name}_{table}" for table in ("spectrum", "share", *more)),
        inputs=inputs,
        params=lambda settings: {
            "name": name,
            "tables": ["spectrum", "share", *more],
            "networks": settings.rahaman2018.delta.sweeps()[name],
        },
    )


EXPERIMENT = Experiment(
    sections={"delta": "settings:Delta"},
    problems={"delta": "problem"},
    measurements=(
        Measurement(
            "measure_delta_target",
            "measure:target",
            ("delta_target", "delta_target_spectrum"),
            inputs=lambda settings: {
                "problem": run_files(
                    PAPER, settings.rahaman2018.delta.runs_of("depth")[0], ["problem.npz"]
                )
            },
            mem_mb=1000,
            minutes=5,
        ),
        _sweep("depth"),
        _sweep("width"),
        _sweep("clip", "function"),
    ),
    figures={
        "fig14": Figure("delta", ("delta_target", "delta_target_spectrum")),
        "fig15": Figure("delta", ("delta_depth_spectrum", "delta_depth_share")),
        "fig16": Figure("delta", ("delta_width_spectrum", "delta_width_share")),
        "fig17": Figure("delta", ("delta_clip_spectrum", "delta_clip_share")),
        "fig18": Figure("delta", ("delta_clip_function",)),
    },
    claims=("claims",),
)
