"""The interpolation paths that a figure shows: one within a class and one between two."""

import numpy as np
import pandas as pd
from torch import Tensor, nn

from spectral_bias.experiments.fridovichkeil2021.interpolation.tables import Interpolation, ends
from spectral_bias.measurements.classifier import LabelledImages
from spectral_bias.measurements.measured_paths import looked_at
from spectral_bias.measurements.pairs import KINDS
from spectral_bias.measurements.path_points import path_probabilities
from spectral_bias.measurements.tidy import long_table
from spectral_bias.spectra.paths import class_magnitude, high_bins, relative_frequency

SHOWN_IMAGES = 7
"""Images of a path that a figure shows, both ends among them (ours)."""
SPECTRUM = ["kind", "relative_frequency", "magnitude", "counts_as_high"]


def median_path(paths: pd.DataFrame, kind: str) -> int:
    """Row of interpolation_paths whose high-frequency fraction is the median of its kind.

    Of an even number of paths the lower of the two in the middle; of equal ones the first.
    """
    some = paths.loc[paths["kind"] == kind, "high_frequency_fraction"].sort_values(kind="stable")
    return int(some.index[(len(some) - 1) // 2])


def example(
    network: nn.Module,
    test: LabelledImages,
    pixels: np.ndarray,
    paths: pd.DataFrame,
    settings: Interpolation,
) -> tuple[dict[str, pd.DataFrame], dict[str, np.ndarray]]:
    """One path of each kind as a figure shows it: `median_path`, so that none is hand-picked.

    Args:
        network: takes normalised images.
        test: test images, as in `tables_of`.
        pixels: (M, H, W, 3) uint8, the same images before they were normalised.
        paths: interpolation_paths of `tables_of` for this network.
        settings: of the measurement.

    Returns:
        Tables interpolation_example (kind, class_a, class_b, position from 0 to 1, class_name,
        probability) and interpolation_example_spectrum (kind, relative_frequency, magnitude,
        counts_as_high, at the path's own bins); and by kind `SHOWN_IMAGES` equidistant images
        (7, H, W, 3) uint8.
    """
    chosen = paths.loc[[median_path(paths, kind) for kind in KINDS]]
    with looked_at(network):
        found = list(
            path_probabilities(
                network, ends(test.x, chosen), settings.sampling, settings.batch_size
            )
        )
    probabilities, magnitudes, images = [], [], {}
    for path, (distance, p_SK, _) in zip(chosen.itertuples(), found, strict=True):
        axes = {"position": settings.sampling.shares(distance), "class_name": test.class_names}
        table = long_table("probability", p_SK.cpu().numpy(), axes)
        for at, name in enumerate(("kind", "class_a", "class_b")):
            table.insert(at, name, getattr(path, name))
        probabilities.append(table)
        magnitudes.append(spectrum_table(p_SK, settings.high).assign(kind=path.kind))
        images[path.kind] = shown_images(pixels[path.index_a], pixels[path.index_b])
    tables = {
        "interpolation_example": pd.concat(probabilities, ignore_index=True),
        "interpolation_example_spectrum": pd.concat(magnitudes, ignore_index=True)[SPECTRUM],
    }
    return tables, images


def spectrum_table(p_SK: Tensor, high: float) -> pd.DataFrame:
    """relative_frequency, magnitude, and whether the bin counts as high, of one path."""
    magnitude_F = class_magnitude(p_SK).cpu().numpy()
    counts = np.zeros(len(magnitude_F), bool)
    counts[high_bins(len(magnitude_F), high)] = True
    shares = relative_frequency(len(p_SK))
    return pd.DataFrame(
        {"relative_frequency": shares, "magnitude": magnitude_F, "counts_as_high": counts}
    )


def shown_images(first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """(7, H, W, 3) uint8: equidistant images from `first` to `last`, each (H, W, 3) uint8.

    The normalisation is affine, so the line is the same one before and after it.
    """
    share = np.linspace(0, 1, SHOWN_IMAGES)[:, None, None, None]
    return np.rint((1 - share) * first + share * last).astype(np.uint8)
