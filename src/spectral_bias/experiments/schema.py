"""The schema of config.yaml as a whole, composed from the sections of all experiments."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, create_model, field_validator, model_validator

from spectral_bias.experiments import PAPERS, places, section_classes, titles, training_runs
from spectral_bias.experiments.sections import FileName, NonNegative, Section
from spectral_bias.names import named
from spectral_bias.tracking.location import fit_for_files


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

    @field_validator("uri")
    @classmethod
    def _fit_for_files(cls, uri: str | None) -> str | None:
        return fit_for_files(uri) if uri else uri


class Common(Section):
    """What does not belong to one experiment."""

    scale: str
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    device: Literal["auto", "cpu", "cuda"]
    precision: Literal["float32", "tf32", "bf16"]
    data_root: FileName | None
    tracking: Tracking

    @model_validator(mode="after")
    def _runs_have_names_of_their_own(self) -> Self:
        training_runs(self)
        return self


Settings = create_model(
    "Settings",
    __base__=Common,
    __doc__="Everything in config.yaml, with the scale and the command line laid over it.",
    **{paper: (_paper(paper), ...) for paper in PAPERS},
)
