"""What Figure 24 needs: how much of the parameter space reaches beyond each frequency.

Rahaman et al. 2018 (v3, Appendix D, Proposition 1). Parameters theta are uniform in the cube
Theta = [-K, K]^P, and a network reaches beyond k if it has |f~(k')| > eps for some k' > k. Of these
theta, which make up Xi_eps(k), the proposition says that

    vol(Xi_eps(k)) / vol(Theta) = O(k^(-Delta - 1)),  1 <= Delta <= d;  here d = 1: O(k^-2).

One number of each network decides this for all k: the highest frequency at which |f~| exceeds eps,
k_max, since theta is in Xi_eps(k) exactly if k_max > k. So the fraction of the volume is
P(k_max > k), a probability, and a sample of theta gives it with a binomial error. k_max itself is
exact: f~ has a closed form (spectra/kinks.py), and |f~(k)| <= C / k^2 leaves k <= sqrt(C / eps) to
be examined, nothing above.

What the proposition leaves open. The cube bounds C, by C_max = K^L w^(L-1) / (2 pi^2) for depth L
and width w (spectra/exact.py), so that the fraction is exactly 0 from sqrt(C_max / eps) on: for
k → infinity at fixed eps any power would do. What k^-2 says it says before that, through its
constant. From |f~(k')| <= C / k'^2 and Markov's inequality, for every k and eps,

    P(k_max > k)  <=  P(C > eps (k + 1)^2)  <=  E[C] / (eps (k + 1)^2),

and the last is a bound of that form with an explicit constant. The tables hold all three: what each
step gives away tells how tight the bound is. The first becomes an equality for eps → 0 at
fixed eps k^2: among ever more frequencies there is one at which all kinks nearly line up
(Kronecker, see spectra/exact.py). So the curves of small eps are one curve over eps k^2, the tail
of the distribution of C, and the local exponent is twice the logarithmic slope of that tail. It
steepens where the tail does: at smaller fractions the wider log C is spread.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from spectral_bias.experiments.rahaman2018.volume.intervals import (
    binomial_interval,
    tail_exponent,
)
from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.models.shape import layer_sizes
from spectral_bias.seeds import derived_generator
from spectral_bias.spectra.kinks import BatchedLayers, Kinks, amplitudes, kinks

BATCH = 500
"""Networks that are drawn from one seed and measured together; a larger sample begins with the
smaller one, as long as this stays."""
LOCAL_STEP = 2.0**0.25
"""Local exponents are those between k and the first measured frequency from this times k on."""


@dataclass(frozen=True)
class Sample:
    """What is kept of N networks of one family, for E thresholds and G frequencies.

    Attributes:
        highest_EN: k_max, 0 where |f~| exceeds the threshold nowhere.
        constants_N: C.
        above_EG: number of networks with |f~(k)| > eps at the frequency k itself.
    """

    highest_EN: np.ndarray
    constants_N: np.ndarray
    above_EG: np.ndarray


def tables(job: MeasuringJob, volume: Mapping[str, Any], seed: int) -> dict[str, pd.DataFrame]:
    """The tables of Figure 24, which come from no training; see `volume_tables`."""
    return volume_tables(volume, seed)


def volume_tables(settings: Mapping[str, Any], seed: int) -> dict[str, pd.DataFrame]:
    """Fractions of the parameter space over frequency, and how they decay.

    Args:
        settings: `Volume.measurement()`: families (family, depth, width, weight_bound), epsilons,
            n_networks, per_octave (frequencies), min_count (networks beyond k that a local exponent
            needs), tail_from (a tail begins where the fraction is at most this; one or more).
        seed: of the networks; each batch of each family has its own, derived from it.

    Returns:
        Both tables begin with family, depth, width, weight_bound, eps, n_networks, and n_linear,
        networks without any kink on [0, 1], whose f~ is 0 throughout.

        volume_fraction, one row for each family, eps and frequency k up to the first beyond which
        no network reaches: frequency; count (with k_max > k), fraction with its interval low, high
        (95 %); allowed, the fraction with C > eps (k + 1)^2; bound, E[C] / (eps (k + 1)^2);
        count_at (with |f~(k)| > eps); exponent from here to about 2^(1/4) k with exponent_low,
        exponent_high (95 %), empty where fewer than min_count networks reach beyond k or none
        beyond the latter.

        volume_exponent, one row for each family, eps and tail: tail_from; tail_start, the k where
        the tail begins; n_tail, networks beyond it; exponent of the tail with its standard error
        exponent_error; mean_constant E[C]; largest_constant in the sample; cube_constant C_max;
        log_spread, the standard deviation of log C over networks with a kink; tightness, the
        largest fraction / bound over k.
    """
    epsilons, tails = np.array(settings["epsilons"], dtype=float), settings["tail_from"]
    fractions, exponents = [], []
    for family in settings["families"]:
        largest = largest_of_cube(family)
        grid = frequency_grid(settings["per_octave"], np.sqrt(largest / epsilons.min()))
        sample = measured(family, epsilons, grid, settings["n_networks"], seed)
        for row, eps in enumerate(epsilons):
            curve = fraction_curve(sample, row, eps, grid, settings["min_count"])
            place = family | {"eps": eps, "n_networks": settings["n_networks"]}
            place |= {"n_linear": int((sample.constants_N == 0).sum())}
            constants = _constants(sample.constants_N) | {"cube_constant": largest}
            constants |= {"tightness": (curve["fraction"] / curve["bound"]).max()}
            fractions.append(pd.DataFrame(place, index=curve.index).join(curve))
            exponents += [place | tail_of(sample, row, part) | constants for part in tails]
    return {
        "volume_fraction": pd.concat(fractions, ignore_index=True),
        "volume_exponent": pd.DataFrame(exponents),
    }


def frequency_grid(per_octave: int, last: float) -> np.ndarray:
    """(G,) distinct integers nearest to 2^(i / per_octave), from 1 to at least `last`."""
    steps = int(np.ceil(per_octave * np.log2(max(last, 1.0)))) + 1
    return np.unique(np.round(2.0 ** (np.arange(steps + 1) / per_octave)).astype(int))


def largest_of_cube(family: Mapping[str, Any]) -> float:
    """C_max = K^L w^(L-1) / (2 pi^2), the largest C of a family; see spectra/exact.py."""
    depth, width = family["depth"], family["width"]
    return family["weight_bound"] ** depth * width ** (depth - 1.0) / (2 * np.pi**2)


def measured(
    family: Mapping[str, Any], epsilons: np.ndarray, grid: np.ndarray, n_networks: int, seed: int
) -> Sample:
    """Draws the networks of a family and measures them.

    Args:
        family: depth, width, weight_bound.
        epsilons: (E,) thresholds.
        grid: (G,) frequencies at which `above_EG` counts.
        n_networks: N.
        seed: of the networks.
    """
    parts = []
    for layers in random_layers(family, n_networks, seed):
        functions = kinks(layers)
        parts.append((*reach(functions, epsilons, grid), functions.constants))
    highest, above, constants = zip(*parts, strict=True)
    return Sample(np.concatenate(highest, axis=1), np.concatenate(constants), sum(above))


def random_layers(family: Mapping[str, Any], n_networks: int, seed: int) -> Iterator[BatchedLayers]:
    """Batches of networks with all parameters independent and uniform in [-K, K]."""
    depth, width, bound = (family[name] for name in ("depth", "width", "weight_bound"))
    for batch, first in enumerate(range(0, n_networks, BATCH)):
        generator = derived_generator(seed, "volume", depth, width, bound, batch)
        wanted = min(BATCH, n_networks - first)
        yield [
            (
                generator.uniform(-bound, bound, (BATCH, outputs, inputs))[:wanted],
                generator.uniform(-bound, bound, (BATCH, outputs))[:wanted],
            )
            for inputs, outputs in layer_sizes(1, width, depth)
        ]


def reach(
    functions: Kinks, epsilons: np.ndarray, grid: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Highest frequency of each function above each threshold, and counts at single frequencies.

    Args:
        functions: R of them.
        epsilons: (E,) thresholds.
        grid: (G,) frequencies.

    Returns:
        k_max (E, R), 0 where there is none; number of functions with |f~(k)| > eps, (E, G).
    """
    last_R = np.floor(np.sqrt(functions.constants / epsilons.min())).astype(int)
    order = np.argsort(-last_R, kind="stable")
    sorted_ER = np.zeros((len(epsilons), len(order)), dtype=int)
    above_EG = np.zeros((len(epsilons), len(grid)), dtype=int)
    for some, block_RK in amplitudes(functions.at(order), last_R[order]):
        here = grid <= block_RK.shape[1]
        for row, eps in enumerate(epsilons):
            exceeds_RK = block_RK > eps
            above_EG[row, here] += exceeds_RK[:, grid[here] - 1].sum(axis=0)
            last = block_RK.shape[1] - exceeds_RK[:, ::-1].argmax(axis=1)
            sorted_ER[row, some] = np.where(exceeds_RK.any(axis=1), last, 0)
    highest_ER = np.empty_like(sorted_ER)
    highest_ER[:, order] = sorted_ER
    return highest_ER, above_EG


def fraction_curve(
    sample: Sample, row: int, eps: float, grid: np.ndarray, min_count: int
) -> pd.DataFrame:
    """The part of `volume_fraction` of one family and threshold, without what all its rows share.

    Args:
        sample: of the family.
        row: of `eps` in the sample.
        eps: threshold.
        grid: (G,) the sample's frequencies.
        min_count: networks beyond k that a local exponent needs.
    """
    n = len(sample.constants_N)
    count = n - np.searchsorted(np.sort(sample.highest_EN[row]), grid, side="right")
    shown = slice(int((count > 0).sum()) + 1)
    frequency, count = grid[shown], count[shown]
    low, high = binomial_interval(count, n)
    needed = eps * (frequency + 1.0) ** 2
    beyond = n - np.searchsorted(np.sort(sample.constants_N), needed, side="right")
    curve = {
        "frequency": frequency,
        "count": count,
        "fraction": count / n,
        "low": low,
        "high": high,
        "allowed": beyond / n,
        "bound": sample.constants_N.mean() / needed,
        "count_at": sample.above_EG[row, shown],
    }
    return pd.DataFrame(curve | local_exponents(frequency, count, min_count))


def local_exponents(
    frequency: np.ndarray, count: np.ndarray, min_count: int
) -> dict[str, np.ndarray]:
    """Exponents d log count / d log k between each frequency and the one a LOCAL_STEP higher.

    Of those beyond k a part is beyond the next frequency too: a binomial number again, whose
    Clopper-Pearson interval (95 %) becomes that of the exponent.

    Args:
        frequency: (G,) increasing.
        count: (G,) networks beyond each.
        min_count: fewer beyond k leave the exponent empty, as does none beyond the next.

    Returns:
        exponent, exponent_low, exponent_high, each (G,).
    """
    following = np.searchsorted(frequency, LOCAL_STEP * frequency * (1 - 1e-12))
    inside = following < len(frequency)
    following = np.minimum(following, len(frequency) - 1)
    usable = inside & (count >= min_count) & (count[following] > 0)
    names = ("exponent", "exponent_low", "exponent_high")
    found = {name: np.full(len(frequency), np.nan) for name in names}
    start, rest = count[usable], count[following[usable]]
    step = np.log(frequency[following[usable]] / frequency[usable])
    ratios = (rest / start, *binomial_interval(rest, start))
    for name, ratio in zip(names, ratios, strict=True):
        found[name][usable] = np.log(ratio) / step
    return found


def tail_of(sample: Sample, row: int, tail_from: float) -> dict[str, float]:
    """The part of `volume_exponent` on the tail: where it begins, its networks, its exponent."""
    highest_N = sample.highest_EN[row]
    allowed = int(tail_from * len(highest_N))
    start = max(1, int(np.sort(highest_N)[::-1][allowed]))
    exponent, error = tail_exponent(highest_N, start)
    return {
        "tail_from": tail_from,
        "tail_start": start,
        "n_tail": int((highest_N > start).sum()),
        "exponent": exponent,
        "exponent_error": error,
    }


def _constants(constants_N: np.ndarray) -> dict[str, float]:
    """The part of `volume_exponent` on the constants C."""
    kinked = constants_N[constants_N > 0]
    return {
        "mean_constant": constants_N.mean(),
        "largest_constant": constants_N.max(),
        "log_spread": np.log(kinked).std() if len(kinked) else np.nan,
    }
