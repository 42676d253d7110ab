"""Settings that experiments on curves share (Rahaman et al. 2018, Experiments 5, 6, Appendix E)."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from spectral_bias.experiments.sections import Some, Wave


class Manifold(Wave):
    """A target of integer frequencies on gamma_L(j/n_points) for several numbers of lobes L."""

    lobes: Some[Annotated[int, Field(ge=0)]]

    @model_validator(mode="after")
    def _lobes_below_nyquist(self) -> Self:
        for lobes in self.lobes:
            if 2 * lobes >= self.n_points:
                raise ValueError(
                    f"lobes: L = {lobes} is not below n_points/2 = {self.n_points / 2:g}, so the "
                    "points cannot show its lobes; choose smaller L or more points"
                )
        return self
