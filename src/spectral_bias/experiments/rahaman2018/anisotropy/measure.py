"""What Figure 25 needs: exact transforms of random networks R² → R along chosen directions.

Directions of two kinds: "random", with uniform angles, and "normal", along the normals of the
strongest facets, those with the largest product of length and jump of the gradient. Facets whose
line leaves the square are left out, since along their normals the transform is no function (see
spectra/planar.py).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch

from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.measurements.tidy import long_table
from spectral_bias.models.batched import initial_parameters, network_layers
from spectral_bias.models.shape import NetworkShape
from spectral_bias.seeds import derived_generator, derived_seed
from spectral_bias.spectra.exact import decay_exponent
from spectral_bias.spectra.planar import Facets, facets, transform, unit_vectors

BANDS = ("low", "far")
SHOWN_FREQUENCIES = 200


def tables(job: MeasuringJob, anisotropy: Mapping[str, Any], seed: int) -> dict[str, pd.DataFrame]:
    """The tables of Figure 25, which come from no training; see `anisotropy_tables`."""
    job.limit_threads()
    return anisotropy_tables(anisotropy, seed)


def anisotropy_tables(settings: Mapping[str, Any], seed: int) -> dict[str, pd.DataFrame]:
    """How fast spectra of random networks decay, direction by direction.

    Args:
        settings: the section `anisotropy`, see config.yaml.
        seed: of the networks and of the random directions; each network has its own.

    Returns:
        anisotropy_exponents, one row for each network, direction and band of frequencies: depth,
        width, member, n_facets (within the square), kind ("random", "normal"), direction (its
        number), angle (of the direction, radian), band ("low", "far"), exponent (least squares
        on the logarithms). And of the first network of the first shape: anisotropy_spectrum (kind,
        direction, frequency, amplitude |f~|), anisotropy_scan (angle, amplitude at the frequency
        scan_frequency), anisotropy_facets (x1, x2, end_x1, end_x2, jump, direction: its number if
        it is one of the strongest, else empty).
    """
    rows, shown = [], None
    for shape, member, found in _networks(settings, seed):
        angles = _angles(settings, seed, shape, member, found)
        place = {"depth": shape.depth, "width": shape.width, "member": member}
        place |= {"n_facets": len(found.jumps)}
        for band in BANDS:
            k = np.geomspace(*settings[band], settings["per_band"])
            for kind, chosen in angles.items():
                amplitudes = np.abs(transform(found, unit_vectors(chosen), k))
                rows += [
                    place
                    | {"kind": kind, "direction": number, "angle": angle, "band": band}
                    | {"exponent": decay_exponent(k, amplitude)}
                    for number, (angle, amplitude) in enumerate(
                        zip(chosen, amplitudes, strict=True)
                    )
                ]
        shown = shown or (found, angles)
    return {"anisotropy_exponents": pd.DataFrame(rows), **_shown_tables(*shown, settings)}


def strongest(found: Facets, count: int) -> np.ndarray:
    """Numbers of up to `count` facets of different direction, by decreasing length times jump.

    Only facets along whose normals the transform is a function.
    """
    strength, tangents = np.abs(found.jumps) * found.lengths, found.tangents
    candidates = np.flatnonzero(found.bounded())
    chosen: list[int] = []
    for facet in candidates[np.argsort(-strength[candidates], kind="stable")]:
        if len(chosen) == count:
            break
        # Pieces of one facet that others cross have one normal.
        if (np.abs(tangents[chosen] @ tangents[facet]) < 1 - 1e-9).all():
            chosen.append(int(facet))
    return np.array(chosen, dtype=int)


def _networks(settings: Mapping[str, Any], seed: int) -> Iterator[tuple[NetworkShape, int, Facets]]:
    """(shape, member, facets) of every network, at PyTorch's default initialisation."""
    for network in settings["networks"]:
        shape = NetworkShape(2, **network)
        names = [(*_name(shape), member) for member in range(settings["n_networks"])]
        seeds = [derived_seed(seed, *name) for name in names]
        parameters = initial_parameters(shape, seeds, torch.float64)
        for member, layers in enumerate(network_layers(parameters, shape)):
            yield shape, member, facets(layers, settings["half_side"])


def _name(shape: NetworkShape) -> tuple[str, int, int]:
    return "anisotropy", shape.depth, shape.width


def _angles(
    settings: Mapping[str, Any], seed: int, shape: NetworkShape, member: int, found: Facets
) -> dict[str, np.ndarray]:
    """Angles of the directions of both kinds; f~ at -k is the conjugate, so half a turn is all."""
    generator = derived_generator(seed, *_name(shape), member, "directions")
    normals = found.normals[strongest(found, settings["n_facets"])]
    return {
        "random": generator.uniform(0, np.pi, settings["n_directions"]),
        "normal": np.arctan2(normals[:, 1], normals[:, 0]),
    }


def _shown_tables(
    found: Facets, angles: Mapping[str, np.ndarray], settings: Mapping[str, Any]
) -> dict[str, pd.DataFrame]:
    """Spectra, scan over all directions, and facets of one network."""
    k = np.geomspace(1.0, settings["far"][1], SHOWN_FREQUENCIES)
    spectra = []
    for kind, chosen in angles.items():
        amplitudes = np.abs(transform(found, unit_vectors(chosen), k))
        axes = {"direction": range(len(chosen)), "frequency": k}
        spectra.append(long_table("amplitude", amplitudes, axes).assign(kind=kind))
    count = settings["scan_angles"]
    scan = (np.arange(count) + 0.5) * np.pi / count
    frequency = np.array([settings["scan_frequency"]])
    amplitudes = np.abs(transform(found, unit_vectors(scan), frequency))[:, 0]
    number = np.full(len(found.jumps), np.nan)
    chosen = strongest(found, settings["n_facets"])
    number[chosen] = np.arange(len(chosen))
    ends = {"end_x1": found.ends[:, 0], "end_x2": found.ends[:, 1]}
    starts = {"x1": found.starts[:, 0], "x2": found.starts[:, 1]}
    return {
        "anisotropy_spectrum": pd.concat(spectra, ignore_index=True),
        "anisotropy_scan": pd.DataFrame({"angle": scan, "amplitude": amplitudes}),
        "anisotropy_facets": pd.DataFrame(
            {**starts, **ends, "jump": found.jumps, "direction": number}
        ),
    }
