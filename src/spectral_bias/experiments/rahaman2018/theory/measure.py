"""What Figure 23 needs: exact spectra of random and of trained one-dimensional networks.

Families of networks, of one shape each time:
    default  PyTorch's initialisation: weights shrink as 1 / sqrt(width).
    bounded  all parameters independent and uniform in [-K, K], whatever the shape.
    trained  on sums of sinusoids, from the default initialisation.
    hinge    the one network whose constant no other with parameters in [-K, K] exceeds.

Parameters are taken as exact numbers, in float64.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch

from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.models.batched import initial_parameters, network_layers
from spectral_bias.models.shape import NetworkShape
from spectral_bias.seeds import derived_generator, derived_seed
from spectral_bias.spectra.exact import (
    decay_constant,
    decay_exponent,
    fourier_coefficients,
    hinge_layers,
)
from spectral_bias.spectra.piecewise_linear import Layers, PiecewiseLinear, piecewise_linear

RANDOM = ("default", "bounded")


def measured(job: MeasuringJob, theory: Mapping[str, Any], seed: int) -> dict[str, pd.DataFrame]:
    """The tables of Figure 23.

    Args:
        job: one input for each trained shape.
        theory: as `Theory.random_networks` gives it.
        seed: of the random networks.
    """
    job.limit_threads()
    given = dict(theory)
    shapes = [NetworkShape(1, **shape) for shape in given.pop("shapes")]
    bounds = given.pop("weight_bounds")
    networks, spectrum = theory_tables(
        [job.ensemble(name) for name in job.files],
        shapes,
        NetworkShape(1, **given.pop("network")),
        seed=seed,
        frequencies=np.array(given.pop("frequencies")),
        **given,
    )
    constants = constants_table(shapes, bounds, given["n_random"], seed)
    return {
        "theory_networks": networks,
        "theory_spectrum": spectrum,
        "theory_constants": constants,
    }


def theory_tables(
    runs: Iterable[FinishedRun],
    shapes: Sequence[NetworkShape],
    shared: NetworkShape,
    *,
    seed: int,
    n_random: int,
    weight_bound: float,
    frequencies: np.ndarray,
    fit_from: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Exponents and constants of every network, and the spectra of those of one shape.

    Args:
        runs: trained networks, one run for each shape.
        shapes: of the random networks.
        shared: the shape whose spectra are returned.
        seed: of the random networks.
        n_random: networks of each random family and shape.
        weight_bound: K.
        frequencies: (K,) increasing positive integers.
        fit_from: the exponent is fitted over the frequencies from here on.

    Returns:
        One row for each network: family, depth, width, member, n_breakpoints, exponent (see
        `decay_exponent`; empty where the spectrum has zeros and where fit_from is not above the
        number of breakpoints), constant (see `decay_constant`). And the spectra of `shared`, the
        hinge left out: family, member, frequency, amplitude (|f~(k)| without chord).
    """
    rows, spectra, high = [], [], frequencies[frequencies >= fit_from]
    for family, shape, member, layers in _networks(runs, shapes, seed, n_random, weight_bound):
        function = piecewise_linear(layers)
        breakpoints = len(function.breakpoints)
        # Below about one oscillation for each breakpoint the sum of kinks is not yet seen as such.
        fitted = high if breakpoints < fit_from else high[:0]
        row = {"family": family, "depth": shape.depth, "width": shape.width, "member": member}
        rows.append(
            row
            | {
                "n_breakpoints": breakpoints,
                "exponent": decay_exponent(fitted, _amplitudes(function, fitted)),
                "constant": decay_constant(function),
            }
        )
        if shape == shared and family != "hinge":
            columns = {"frequency": frequencies, "amplitude": _amplitudes(function, frequencies)}
            spectra.append(pd.DataFrame({"family": family, "member": member, **columns}))
    return pd.DataFrame(rows), pd.concat(spectra, ignore_index=True)


def constants_table(
    shapes: Sequence[NetworkShape], weight_bounds: Sequence[float], n_random: int, seed: int
) -> pd.DataFrame:
    """weight_bound (K), depth, width, member, constant of the family "bounded" at several K.

    The parameters of one shape and member are the same ones at every K, times K. Arguments are
    those of `theory_tables`.
    """
    rows = [
        (bound, shape.depth, shape.width, member, decay_constant(piecewise_linear(layers)))
        for bound in weight_bounds
        for shape in shapes
        for member, layers in enumerate(
            network_layers(random_parameters("bounded", shape, n_random, seed, bound), shape)
        )
    ]
    return pd.DataFrame(rows, columns=["weight_bound", "depth", "width", "member", "constant"])


def random_parameters(
    family: str, shape: NetworkShape, members: int, seed: int, bound: float
) -> torch.Tensor:
    """(R, P) float64: parameters of random networks of the family "default" or "bounded".

    Each network has a seed of its own, from `seed`, family, shape and number.
    """
    names = [("theory", family, shape.depth, shape.width, member) for member in range(members)]
    if family == "default":
        seeds = [derived_seed(seed, *name) for name in names]
        return initial_parameters(shape, seeds, torch.float64)
    draws = [
        derived_generator(seed, *name).uniform(-bound, bound, shape.n_parameters) for name in names
    ]
    return torch.from_numpy(np.stack(draws))


def _amplitudes(function: PiecewiseLinear, frequencies: np.ndarray) -> np.ndarray:
    return np.abs(fourier_coefficients(function, frequencies))


def _networks(
    runs: Iterable[FinishedRun],
    shapes: Sequence[NetworkShape],
    seed: int,
    n_random: int,
    bound: float,
) -> Iterator[tuple[str, NetworkShape, int, Layers]]:
    """(family, shape, member, layers) of every network."""
    for shape in shapes:
        for family in RANDOM:
            parameters = random_parameters(family, shape, n_random, seed, bound)
            for member, layers in enumerate(network_layers(parameters, shape)):
                yield family, shape, member, layers
        yield "hinge", shape, 0, hinge_layers(shape.width, shape.depth, bound)
    for run in runs:
        for member, layers in enumerate(network_layers(run.parameters, run.shape)):
            yield "trained", run.shape, member, layers
