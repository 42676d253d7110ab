"""Measurement B on any network and any pairs of images, and what its tables say.

Shape suffixes: M images, P paths, N common frequencies.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import nn

from spectral_bias.measurements.interpolation import FRACTIONS, HIGH, PathSpectra, path_spectra
from spectral_bias.measurements.pairs import KINDS
from spectral_bias.measurements.path_points import Pairs, Predict
from spectral_bias.measurements.tidy import long_table
from spectral_bias.spectra.paths import Sampling
from spectral_bias.training.precision import autocast, float32_mode

ENDS = ("confidence", "highest")


@dataclass(frozen=True)
class MeasuredPaths:
    """The paths between some pairs of images, as one network sees them.

    Attributes:
        pairs: kind, class_a, class_b, index_a, index_b, one row for each of P paths.
        spectra: of these paths, in their order.
        sampling: of their points, and the common frequencies.
    """

    pairs: pd.DataFrame
    spectra: PathSpectra
    sampling: Sampling

    @property
    def table(self) -> pd.DataFrame:
        """One row for each path.

        Returns:
            The columns of `pairs`, then distance, n_points, `FRACTIONS`, total_variation,
            end_jump, and confidence_a, confidence_b, highest_a and highest_b (see `PathSpectra`).
        """
        names = ("distance", "n_points", *FRACTIONS, "total_variation", "end_jump")
        ends = {
            f"{name}_{side}": getattr(self.spectra, name)[:, at]
            for name in ENDS
            for at, side in enumerate("ab")
        }
        return self.pairs.assign(**{name: getattr(self.spectra, name) for name in names}, **ends)

    @property
    def mean_spectra(self) -> pd.DataFrame:
        """kind, relative_frequency, magnitude, power: means over the paths of each kind."""
        kinds = [kind for kind in KINDS if (self.pairs["kind"] == kind).any()]
        chosen = [(self.pairs["kind"] == kind).to_numpy() for kind in kinds]
        axes = {"kind": kinds, "relative_frequency": self.sampling.relative_frequency}
        magnitude, power = (
            np.stack([values[some].mean(axis=0) for some in chosen])
            for values in (self.spectra.magnitude, self.spectra.power)
        )
        return long_table("magnitude", magnitude, axes).assign(power=power.ravel())


def measure_paths(
    network: nn.Module | Predict,
    pairs: pd.DataFrame,
    ends: Pairs,
    sampling: Sampling,
    *,
    batch_size: int,
    labels_M: np.ndarray | None = None,
    high: float = HIGH,
    precision: str = "float32",
    on_path: Callable[[int], None] = lambda done: None,
) -> MeasuredPaths:
    """What a network says along the paths between pairs of images (module docstring of
    `interpolation`); it is put into evaluation mode for the duration.

    Args:
        network: normalised images (B, C, H, W) → logits (B, K), on the device of the images.
        pairs: kind, class_a, class_b, index_a, index_b.
        ends: the two images of each of them, (C, H, W) each, in the same order; read some at a
            time, so that memory does not grow with their number.
        sampling: points of a path.
        batch_size: points that the network sees at one time.
        labels_M: for each image that an index names the network's number of its class; None where
            the network knows other classes, and there is no confidence.
        high: fraction of the band above which a frequency is high.
        precision: of products, see `training.precision`. TF32 and bfloat16 add noise of all
            frequencies to the logits.
        on_path: called with the number of paths that are done.
    """
    labels_P2 = None
    if labels_M is not None:
        labels_P2 = np.asarray(labels_M)[pairs[["index_a", "index_b"]].to_numpy()]

    def predict(x_BCHW: torch.Tensor) -> torch.Tensor:
        with autocast(precision, x_BCHW.device):
            return network(x_BCHW)

    with looked_at(network, precision):
        spectra = path_spectra(
            predict if precision == "bf16" else network,
            ends,
            sampling,
            batch_size=batch_size,
            high=high,
            labels_P2=labels_P2,
            on_path=on_path,
        )
    return MeasuredPaths(pairs, spectra, sampling)


@contextmanager
def looked_at(network: nn.Module | Predict, precision: str = "float32") -> Iterator[None]:
    """Evaluation mode, no gradients and products of this precision for the duration.

    The mode of every module comes back as it was, also where some were frozen in evaluation mode.
    """
    modes = [(m, m.training) for m in network.modules()] if isinstance(network, nn.Module) else []
    # One by one, since an exported network refuses eval(), which changes nothing in it.
    for module, _ in modes:
        module.training = False
    try:
        with float32_mode(precision), torch.no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training
