"""The curves of a run that people watch: means over members, at a readable number of points."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from spectral_bias.data.problem import Facts
from spectral_bias.spectra.fourier import amplitudes_from_probe, single_sided_amplitude

MAX_POINTS = 500
"""Longer curves are thinned to every n-th record; the full history stays in history.npz."""


def run_metrics(history: dict[str, np.ndarray], facts: Facts) -> pd.DataFrame:
    """iteration, metric, value, in the order of iterations.

    Metrics: loss/training and loss/validation; for runs with records also spectral_norm/layer_<l>;
    where the facts name frequencies, amplitude/k_<k>, the single-sided amplitude over A_i. Each is
    a mean over members; where the facts hold the `setting` (R,) of each member, a mean over those
    of one setting, whose name is added: loss/training/<setting>.
    """
    curves = {"loss/training": ("loss_iteration", history["loss"])}
    if "validation_loss" in history:
        curves["loss/validation"] = ("loss_iteration", history["validation_loss"])
    for layer, norms in enumerate(np.moveaxis(history.get("spectral_norm", _EMPTY), 2, 0), 1):
        curves[f"spectral_norm/layer_{layer}"] = ("record_iteration", norms)
    if (amplitude := relative_amplitude(history, facts)) is not None:
        for column, frequency in enumerate(facts["frequencies"].astype(int)):
            name = f"amplitude/k_{frequency:03d}"
            curves[name] = ("record_iteration", amplitude[:, :, column])
    parts = [
        _thinned(pd.DataFrame({"iteration": history[axis], "metric": metric, "value": mean}))
        for name, (axis, values) in curves.items()
        for metric, mean in _means(name, values, facts.get("setting"))
    ]
    return pd.concat(parts, ignore_index=True).sort_values("iteration", kind="stable")


def relative_amplitude(history: dict[str, np.ndarray], facts: Facts) -> np.ndarray | None:
    """(T, R, K): single-sided amplitude over A_i at the frequencies k_i that the facts name.

    From predictions, or from the records of a Fourier probe; None for a run without either.
    """
    if not {"frequencies", "amplitudes"} <= set(facts):
        return None
    k = facts["frequencies"]
    if "prediction" in history:
        return single_sided_amplitude(history["prediction"], k) / facts["amplitudes"]
    if "probe" in history and history["probe"].shape[-1] == 2 * len(k):
        return amplitudes_from_probe(history["probe"]) / facts["amplitudes"]
    return None


def _means(
    name: str, values: np.ndarray, settings: np.ndarray | None
) -> Iterator[tuple[str, np.ndarray]]:
    """(metric, curve) for each setting, or for all members together."""
    if settings is None:
        yield name, values.mean(axis=1)
        return
    for setting in dict.fromkeys(settings.tolist()):
        yield f"{name}/{setting}", values[:, settings == setting].mean(axis=1)


_EMPTY = np.empty((0, 0, 0))


def _thinned(curve: pd.DataFrame) -> pd.DataFrame:
    """Every n-th record, with n a power of two so that a growing curve keeps its points."""
    step = 1
    while len(curve) / step > MAX_POINTS:
        step *= 2
    keep = (np.arange(len(curve)) % step == 0) | (np.arange(len(curve)) == len(curve) - 1)
    return curve[keep]
