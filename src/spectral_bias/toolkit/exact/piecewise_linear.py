"""The exact spectrum of a one-dimensional ReLU network on any interval, with its decay.

A ReLU network R → R is piecewise linear, and nothing is sampled: breakpoints, slopes and Fourier
coefficients follow from the weights in closed form (spectra/piecewise_linear.py, spectra/exact.py).
On [a, b] its coefficients are, for k = 1, 2, … cycles on the interval,

    f~(k) = 1/(b - a) int_a^b f(x) exp(-2 pi i k (x - a)/(b - a)) dx,

in units of f and one-sided: a sine A sin(2 pi k (x - a)/(b - a)) has A/2 at k. The interval is
mapped to [0, 1] within the first layer, so that all that holds there holds here.

The statement |f~(k)| <= C/k^2 (Rahaman et al. 2018, abstract of the first version) is one about f
without its chord, the straight line between f(a) and f(b), which alone would add a term of order
1/k where the interval ends. Results are exact up to the rounding of float64 and have no interval.

Shape suffixes: B breakpoints, K frequencies.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spectral_bias.artefacts import replacing, write_json
from spectral_bias.errors import UserError
from spectral_bias.spectra.exact import (
    decay_constant,
    decay_exponent,
    fourier_coefficients,
    largest_constant,
)
from spectral_bias.spectra.piecewise_linear import Layers, PiecewiseLinear, piecewise_linear
from spectral_bias.toolkit.exact.linear_layers import Network, linear_layers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROUNDING = 1e-12
"""An amplitude below ROUNDING C/k is 0 up to rounding: breakpoints are known to about 1e-16 of the
interval, hence the phases 2 pi k b to about 1e-15 k; the rest is a margin for deep networks."""
BLOCK = 2**20
"""Pairs of a frequency and a breakpoint that are held in memory at once."""


@dataclass(frozen=True, eq=False)
class ExactSpectrum:
    """What a network R → R with B breakpoints computes on an interval, and its spectrum there.

    Attributes:
        interval: (a, b), in units of the input.
        nodes: (B + 2,), a, the breakpoints in increasing order, b.
        values: (B + 2,), the function at the nodes.
        slopes: (B + 1,), its derivative between them, in units of output over input.
        frequencies: (K,) integers from 1, in cycles on the interval.
        amplitudes: (K,), |f~(k)| without the chord, in units of the output, one-sided.
        amplitudes_with_chord: (K,), |f~(k)| of the function as it is, cut off at the ends.
        decay_constant: C, the smallest with |f~(k)| <= C/k^2 for every network whose slope jumps by
            as much; in units of the output.
        largest_constant: no network with weights of these magnitudes, whatever their signs and
            whatever its biases, has a larger C on this interval.
        decay_exponent: slope of log |f~(k)| over log k, least squares over frequencies from
            `fit_from` on whose amplitude is not 0 up to rounding; NaN with fewer than two.
        fit_from: the lowest frequency of that fit.
    """

    interval: tuple[float, float]
    nodes: np.ndarray
    values: np.ndarray
    slopes: np.ndarray
    frequencies: np.ndarray
    amplitudes: np.ndarray
    amplitudes_with_chord: np.ndarray
    decay_constant: float
    largest_constant: float
    decay_exponent: float
    fit_from: int

    @property
    def breakpoints(self) -> np.ndarray:
        """(B,): where the slope changes, within the interval."""
        return self.nodes[1:-1]

    @property
    def bound(self) -> np.ndarray:
        """(K,): C/k^2."""
        return self.decay_constant / self.frequencies.astype(float) ** 2

    def table(self) -> pd.DataFrame:
        """frequency, amplitude, amplitude_with_chord, bound: one row for each frequency."""
        return pd.DataFrame(
            {
                "frequency": self.frequencies,
                "amplitude": self.amplitudes,
                "amplitude_with_chord": self.amplitudes_with_chord,
                "bound": self.bound,
            }
        )

    def breakpoint_table(self) -> pd.DataFrame:
        """x, value, slope_before, slope_after, slope_jump: one row for each breakpoint."""
        return pd.DataFrame(
            {
                "x": self.breakpoints,
                "value": self.values[1:-1],
                "slope_before": self.slopes[:-1],
                "slope_after": self.slopes[1:],
                "slope_jump": np.diff(self.slopes),
            }
        )

    def to_csv(self, folder: str | Path) -> tuple[Path, Path]:
        """Writes both tables with all digits, as spectrum.csv and breakpoints.csv into a folder."""
        files = Path(folder) / "spectrum.csv", Path(folder) / "breakpoints.csv"
        for file, table in zip(files, (self.table(), self.breakpoint_table()), strict=True):
            with replacing(file) as temporary:
                table.to_csv(temporary, index=False)
        return files

    def to_json(self, path: str | Path) -> Path:
        """Writes all attributes with the normalisation and the units; NaN becomes null."""
        content = {name: _plain(value) for name, value in asdict(self).items()}
        facts = {"about": ABOUT, "n_breakpoints": len(self.breakpoints)}
        write_json(path, {**facts, **content}, plain=True)
        return Path(path)

    def plot(self, ax: "Axes") -> "Axes":
        """Draws |f~(k)| without the chord over k, both logarithmic, and the bound C/k^2."""
        from spectral_bias.toolkit.exact.spectrum_panels import draw_spectrum

        draw_spectrum(ax, self.table(), self.resolved())
        return ax

    def plot_function(self, ax: "Axes") -> "Axes":
        """Draws the function over the interval, and its breakpoints."""
        from spectral_bias.toolkit.exact.spectrum_panels import draw_function

        draw_function(ax, self.nodes, self.values)
        return ax

    def save(self, folder: str | Path) -> None:
        """Writes spectrum.csv, breakpoints.csv, spectrum.json, spectrum.png and spectrum.pdf."""
        from spectral_bias.toolkit.exact.spectrum_panels import write_picture

        self.to_csv(folder)
        self.to_json(Path(folder) / "spectrum.json")
        write_picture(Path(folder) / "spectrum", self)

    def resolved(self) -> np.ndarray:
        """(K,) bool: whether the amplitude is more than rounding leaves of 0."""
        return _resolved(self.amplitudes, self.frequencies, self.decay_constant)

    def __str__(self) -> str:
        start, end = self.interval
        text = f"{len(self.breakpoints)} breakpoints on [{start:g}, {end:g}]; "
        text += f"|f~(k)| <= C/k^2 with C = {self.decay_constant:.4g}, at most "
        text += f"{self.largest_constant:.4g} with weights of these magnitudes"
        if not np.isnan(self.decay_exponent):
            text += f"; |f~(k)| falls as k^{self.decay_exponent:.3f} from k = {self.fit_from} to "
            text += f"{self.frequencies[-1]}"
        return text


ABOUT = {
    "amplitudes": "|f~(k)|, f~(k) = 1/(b - a) int_a^b g(x) exp(-2 pi i k (x - a)/(b - a)) dx with "
    "g = f less its chord, the straight line from (a, f(a)) to (b, f(b)); one-sided: "
    "A sin(2 pi k (x - a)/(b - a)) has A/2 at k; in units of the output",
    "amplitudes_with_chord": "the same with g = f",
    "frequencies": "cycles on the interval [a, b]; divided by b - a: cycles per unit of the input",
    "nodes": "a, the breakpoints, b; in units of the input",
    "slopes": "between the nodes; in units of the output over those of the input",
    "decay_constant": "C of |f~(k)| <= C/k^2, without the chord; in units of the output",
    "largest_constant": "no network with weights of these magnitudes has a larger C",
    "decay_exponent": "slope of log |f~(k)| over log k from fit_from on, least squares",
}
"""Units and normalisation, as to_json writes them."""


def exact_spectrum_of(
    network: Network,
    max_frequency: int = 200,
    interval: tuple[float, float] = (0.0, 1.0),
    fit_from: int = 1,
    unsafe_load: bool = False,
) -> ExactSpectrum:
    """The exact spectrum of a ReLU network R → R, without sampling.

    Args:
        network: see `linear_layers`.
        max_frequency: spectra go from k = 1 to this, as high as wanted: nothing aliases.
        interval: (a, b) with a < b, on which the network is looked at.
        fit_from: lowest k of the fitted exponent. |f~(k)| falls as k^-2 from about as many cycles
            on as there are breakpoints; from 1 on, it is the fall over all frequencies.
        unsafe_load: allows files that run code when they are opened.

    Raises:
        UserError: another kind of network, see `linear_layers`, or one whose values overflow; an
            argument out of its range.
    """
    start, end = map(float, interval)
    if not (np.isfinite([start, end]).all() and start < end):
        raise UserError(f"interval: from {start:g} to {end:g}; give two numbers, the smaller first")
    if max_frequency < 1:
        raise UserError(f"max_frequency: {max_frequency}; give a positive integer, such as 200")
    if not 1 <= fit_from <= max_frequency:
        raise UserError(f"fit_from: {fit_from} is not between 1 and max_frequency, {max_frequency}")
    layers, width = _on_unit_interval(linear_layers(network, unsafe_load), start, end), end - start
    with np.errstate(over="ignore", invalid="ignore"):
        function, largest = piecewise_linear(layers), largest_constant(layers)
    if not np.isfinite([*function.values, *function.slopes, largest]).all():
        raise UserError("network: its values are too large for float64; the training has diverged")
    frequencies, constant = np.arange(1, max_frequency + 1), decay_constant(function)
    without, whole = (_amplitudes(function, frequencies, chordless) for chordless in (True, False))
    fitted = (frequencies >= fit_from) & _resolved(without, frequencies, constant)
    return ExactSpectrum(
        interval=(start, end),
        nodes=np.concatenate([[start], start + width * function.breakpoints, [end]]),
        values=function.values,
        slopes=function.slopes / width,
        frequencies=frequencies,
        amplitudes=without,
        amplitudes_with_chord=whole,
        decay_constant=constant,
        largest_constant=largest,
        decay_exponent=decay_exponent(frequencies[fitted], without[fitted]),
        fit_from=fit_from,
    )


def _on_unit_interval(layers: Layers, start: float, end: float) -> Layers:
    """The layers of z -> f(start + (end - start) z)."""
    (weight, bias), *rest = layers
    return [(weight * (end - start), weight[:, 0] * start + bias), *rest]


def _amplitudes(
    function: PiecewiseLinear, frequencies: np.ndarray, without_chord: bool
) -> np.ndarray:
    """|f~(k)|, a block of frequencies at a time."""
    blocks = 1 + len(frequencies) * len(function.nodes) // BLOCK
    parts = np.array_split(frequencies, min(blocks, len(frequencies)))
    return np.concatenate(
        [np.abs(fourier_coefficients(function, part, without_chord)) for part in parts]
    )


def _resolved(amplitudes: np.ndarray, frequencies: np.ndarray, constant: float) -> np.ndarray:
    """Whether amplitudes are more than rounding leaves of 0."""
    return amplitudes > ROUNDING * constant / frequencies


def _plain(value: Any) -> Any:
    """Numbers and lists of them, for JSON."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    return None if isinstance(value, float) and np.isnan(value) else value
