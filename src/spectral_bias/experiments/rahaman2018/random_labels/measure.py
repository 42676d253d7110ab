"""What Figure 19 of Rahaman et al. 2018 needs from the runs of Experiment 8."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors

from spectral_bias.artefacts import read_arrays
from spectral_bias.experiments.rahaman2018.random_labels import (
    KINDS,
    autoencoder_name,
    run_name,
)
from spectral_bias.experiments.rahaman2018.random_labels.problem import spread
from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.measurements.tidy import long_table


def measured(job: MeasuringJob, feature_sweep: Sequence[int]) -> dict[str, pd.DataFrame]:
    """The tables of Figure 19: losses on each kind of inputs, and how far apart samples lie.

    Both have columns features and inputs: which ensemble a row belongs to.
    """
    losses, inputs = [], []
    for features in feature_sweep:
        for kind in KINDS:
            run = job.ensemble(run_name(kind, features))
            which = {"features": features, "inputs": kind}
            losses.append(loss_table(run).assign(**which))
            inputs.append(inputs_table(run.problem.inputs).assign(**which))
        _, made = read_arrays(job.file(autoencoder_name(features), "reconstructions.npz"))
        inputs.append(reconstruction_table(made).assign(features=features, inputs="manifold"))
    return {
        "random_labels_loss": pd.concat(losses, ignore_index=True),
        "random_labels_inputs": pd.concat(inputs, ignore_index=True),
    }


def loss_table(run: FinishedRun) -> pd.DataFrame:
    """iteration, member, mse."""
    axes = {"iteration": run.history["loss_iteration"], "member": run.facts["number"]}
    return long_table("mse", run.history["loss"], axes)


def inputs_table(x: np.ndarray) -> pd.DataFrame:
    """quantity, value of inputs x (N, D), Euclidean, in units of the inputs.

    Quantities: norm, the mean of |x|; spread, the root mean square distance from the mean input;
    nearest, the mean distance from an input to the nearest other one.
    """
    found = {
        "norm": np.linalg.norm(x, axis=1).mean(),
        "spread": spread(x),
        "nearest": nearest_distance(x),
    }
    return pd.DataFrame({"quantity": list(found), "value": list(found.values())})


def nearest_distance(x: np.ndarray) -> float:
    """Mean over the rows of x (N, D), N >= 2, of the distance to the nearest other row."""
    # Without a query, no row counts as its own neighbour.
    distances, _ = NearestNeighbors(n_neighbors=1).fit(x).kneighbors()
    return float(distances.mean())


def reconstruction_table(autoencoder: Mapping[str, float]) -> pd.DataFrame:
    """quantity, value: mean squared errors per pixel on images that were not trained on.

    Quantities: reconstruction_loss, of the autoencoder; mean_image_loss, of the mean training
    image (up to sampling the variance of the images).
    """
    values = [autoencoder["validation_loss"], autoencoder["mean_image_loss"]]
    return pd.DataFrame({"quantity": ["reconstruction_loss", "mean_image_loss"], "value": values})
