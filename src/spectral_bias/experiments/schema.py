"""The schema of config.yaml as a whole, composed from the sections of all experiments."""

from typing import Annotated, Any, Literal

from pydantic import Field, create_model, model_validator

from spectral_bias.experiments import PAPERS, places, section_classes, titles
from spectral_bias.experiments.sections import NonNegative, Section
from spectral_bias.names import named


def _paper(paper: str) -> type[Section]:
    """The sections of one paper."""
    fields: dict[str, Any] = {n: (named(t), ...) for p, n, t in section_classes() if p == paper}
    own = [place for place in places() if place.paper == paper]
    checks = [named(place.dotted(name)) for place in own for name in place.experiment.checks]

    def go_together(settings: Section) -> Section:
        for check in checks:
            check(settings)
        return settings

    return create_model(
        paper.capitalize(),
        __base__=Section,
        __doc__=f"All experiments of {titles()[paper]}.",
        __validators__={"go_together": model_validator(mode="after")(go_together)},
        **fields,
    )


class Tracking(Section):
    """Where MLflow keeps runs, and when a job starts to show itself there."""

    uri: str | None
    live_after_seconds: NonNegative


class Common(Section):
    """What does not belong to one experiment."""

    scale: str
    seed: Annotated[int, Field(ge=0)]
    device: Literal["auto", "cpu", "cuda"]
    precision: Literal["float32", "tf32", "bf16"]
    data_root: str | None
    tracking: Tracking


Settings = create_model(
    "Settings",
    __base__=Common,
    __doc__="Everything in config.yaml, with the scale and the command line laid over it.",
    **{paper: (_paper(paper), ...) for paper in PAPERS},
)
