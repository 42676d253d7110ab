"""What Figures 5 and 13 share: two kinds of noise on digits, and the authors' white noise."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from spectral_bias.data.digit_sets import DIGIT_SETS
from spectral_bias.experiments.rahaman2018.source_settings import AUTHORS
from spectral_bias.figures.agreement import differences

LETTERS = {"increasing": "a", "white": "b"}
TITLES = {"increasing": "noise increasing with $n$", "white": "white noise"}
AUTHORS_LETTER, AUTHORS_TITLE = "c", "authors, white noise (MNIST)"
EXPERIMENT = "kernel_spectra"
NOISE = """\
Regression of the first {kernel_spectra[data][n_samples]} images of the digits {classes} \
({dataset}; labels -1 and +1) with noise beta psi on the labels, beta = {kernel_spectra[beta]}: \
(a) psi = sum_n s_n (n/N)^{kernel_spectra[gamma]} v_n with v_n the eigenvectors, by decreasing \
eigenvalue, of the kernel exp(-|x - y|^2 / (2 sigma^2)), sigma = {kernel_spectra[sigma]}; (b) \
independent draws from U(-1, 1). """
NETWORKS = """\
{kernel_spectra[network][activation]} networks of {kernel_spectra[network][depth]} linear layers, \
width {kernel_spectra[network][width]}, full-batch {kernel_spectra[optimiser]}, learning rate \
{kernel_spectra[learning_rate]}; {scale} scale, mean over \
{kernel_spectra[n_runs]} runs for each kind of noise (number ours), each with noise of its own: \
the sign of an eigenvector means nothing (here its entry of largest size is positive), so each run \
draws the signs s_n (ours)."""


def noise_facts(context: Mapping[str, Any]) -> dict[str, Any]:
    """Facts for the caption `NOISE`."""
    data = context["settings"][EXPERIMENT]["data"]
    return {
        "classes": " and ".join(str(label) for label in data["classes"]),
        "dataset": DIGIT_SETS[data["source"]].title,
    }


def not_theirs(context: Mapping[str, Any]) -> list[str]:
    """The settings because of which our white noise cannot be compared with the authors'."""
    return differences(context["settings"][EXPERIMENT], AUTHORS[EXPERIMENT])


def validation_dip(losses: pd.DataFrame) -> tuple[float, float]:
    """(iteration, mse) of the lowest point of a validation curve."""
    curve = losses[losses["curve"] == "validation"]
    lowest = curve.loc[curve["mse"].idxmin()]
    return float(lowest["iteration"]), float(lowest["mse"])
