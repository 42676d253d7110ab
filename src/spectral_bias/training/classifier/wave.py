"""Waves over the space of images that smooth labels (Fridovich-Keil et al. 2021)."""

import math
from dataclasses import dataclass, replace

from spectral_bias.spectra.composites import COMPOSITES

KINDS = ("radial", "fourier", *COMPOSITES, "random", "uniform")


@dataclass(frozen=True)
class Wave:
    """A wave over the space of images; r is its height above its lowest point, scaled.

    Attributes:
        kind: "radial", sin(2 pi f (|x| - c)) with c the `expected_norm`; "fourier", "1/f2", "f2"
            and "random", sin(2 pi f <x, d>) along a unit vector d (see `direction`); "uniform",
            no wave, r is constant.
        frequency: f in cycles per unit of Euclidean distance, positive; None for "uniform", and
            where `cycles` sets it.
        amplitude: wanted mean of r over a batch, in [0, 1/2].
        spatial_frequency: of the Fourier basis image d, in cycles per side; None for other kinds.
        noise_class: the only class that is smoothed; None for all.
        seed: of the random direction.
        cycles: f times the standard deviation of the training images along the wave's coordinate,
            |x| or <x, d>, in place of `frequency` (ours). Images vary a hundred times more along
            some directions than along others, where a wave of the same f is nearly constant.
        deviation: that standard deviation, once it is known, see `placed`.

    Raises:
        ValueError: a value does not fit; the text starts with its name.
    """

    kind: str
    frequency: float | None
    amplitude: float
    spatial_frequency: float | None = None
    noise_class: int | None = None
    seed: int = 0
    cycles: float | None = None
    deviation: float | None = None

    def placed(self, deviation: float) -> "Wave":
        """The wave among images of this standard deviation along its coordinate.

        A wave that is given in cycles gets its frequency by it.
        """
        given = self.cycles is None or self.kind == "uniform"
        f = self.frequency if given else self.cycles / deviation
        return replace(self, frequency=f, deviation=deviation)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(
                f"kind: {self.kind!r} is an unknown kind; choose one of {', '.join(KINDS)}"
            )
        if self.kind == "uniform":
            if self.frequency or self.cycles:
                given = self.frequency or self.cycles
                raise ValueError(f"frequency: {given:g}, but uniform smoothing has none; set null")
        elif self.cycles is not None and self.deviation is None:
            if self.frequency is not None or not 0 < self.cycles < math.inf:
                raise ValueError(
                    f"cycles: {self.cycles:g} with frequency {self.frequency}; give one of them, a "
                    "positive number"
                )
        elif self.frequency is None or not 0 < self.frequency < math.inf:
            raise ValueError(
                f"frequency: {self.frequency} is no frequency of a {self.kind} wave; choose a "
                "positive number, in cycles per unit of distance"
            )
        if not 0 <= self.amplitude <= 0.5:
            raise ValueError(
                f"amplitude: {self.amplitude} is outside of [0, 0.5]; r, twice as large at the "
                "wave's crest, could not be a probability"
            )
        self._check_spatial_frequency()
        if self.noise_class is not None and self.noise_class < 0:
            raise ValueError(
                f"noise_class: {self.noise_class} is no class; choose 0 or above, or null for all"
            )

    def _check_spatial_frequency(self) -> None:
        given = self.spatial_frequency
        if self.kind == "fourier" and (given is None or not 0 <= given < math.inf):
            raise ValueError(
                f"spatial_frequency: {given} is none of a Fourier basis image; choose a number, "
                "in cycles per side of the image"
            )
        if self.kind != "fourier" and given is not None:
            raise ValueError(
                f"spatial_frequency: {given:g}, but only a fourier wave has one; set null"
            )
