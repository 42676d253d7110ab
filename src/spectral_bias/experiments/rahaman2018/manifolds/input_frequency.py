"""Which frequency of the input a frequency on a curve needs (Rahaman et al. 2018, Section 4).

Along the curve gamma a function f of the plane has the spectrum

    (f o gamma)~(l) = int f~(k) P(l, k) dk,   P(l, k) = int_0^1 exp(2 pi i (k gamma(z) - l z)) dz,

so a plane wave of frequency vector k contributes to l by P(l, k). The phase is stationary where
l = k gamma'(z), which no z satisfies unless |k| >= l / max |gamma'|: below that, P falls off
exponentially. On the circle P is the Bessel function J_l(2 pi |k|), and max |gamma'| = 2 pi; with L
lobes max |gamma'| is about pi L for large L, so that the needed |k| falls as 1/L.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from spectral_bias.data.manifolds import flower

HALF = 0.5
STEPS, DIRECTIONS = 160, 16
REACH = 1.6
"""Plane waves are examined up to this many times the stationary |k| of the highest frequency."""


def input_frequency_table(lobes: Sequence[int], frequencies: Sequence[int]) -> pd.DataFrame:
    """The smallest |k| of plane waves that carry each frequency on each curve.

    Args:
        lobes: numbers of lobes L.
        frequencies: l on the curve, positive integers.

    Returns:
        lobes, frequency (l), needed (the smallest |k| at which |P(l, k)|, for the best direction of
        k, reaches half of its largest value over k), stationary (l / max |gamma'|), both in periods
        per unit of length of the plane.
    """
    parts = []
    for L in lobes:
        stationary = np.asarray(frequencies) / largest_speed(L)
        moduli = np.linspace(0, REACH * stationary.max(), STEPS + 1)[1:]
        strength = transmitted(L, moduli, frequencies)
        first = (strength >= HALF * strength.max(axis=0)).argmax(axis=0)
        columns = {"needed": moduli[first], "stationary": stationary}
        parts.append(pd.DataFrame({"lobes": L, "frequency": frequencies, **columns}))
    return pd.concat(parts, ignore_index=True)


def transmitted(lobes: int, moduli: np.ndarray, frequencies: Sequence[int]) -> np.ndarray:
    """(M, K): |P(l, k)| of the best of many directions of k.

    Args:
        lobes: L.
        moduli: (M,), |k|.
        frequencies: K values of l.
    """
    # Of the phase's own frequencies, up to |k| max |gamma'|, and of l none may alias.
    highest = moduli.max() * largest_speed(lobes) + max(frequencies)
    n = 2 ** int(np.ceil(np.log2(2 * highest + 64)))
    points = flower(np.arange(n) / n, lobes)
    angles = np.pi * (np.arange(DIRECTIONS) + 0.5) / DIRECTIONS
    along = points @ np.stack([np.cos(angles), np.sin(angles)])
    columns = np.asarray(frequencies)
    best = [
        np.abs(np.fft.fft(np.exp(2j * np.pi * modulus * along), axis=0)[columns]).max(axis=1)
        for modulus in moduli
    ]
    return np.stack(best) / n


def largest_speed(lobes: int) -> float:
    """max |gamma_L'(z)|, from r = 1 + sin(2 pi L z)/2: |gamma'|^2 = r'^2 + (2 pi r)^2."""
    angle = np.linspace(0, 2 * np.pi, 100_001)
    radius, slope = 1 + np.sin(angle) / 2, np.pi * lobes * np.cos(angle)
    if lobes == 0:
        radius, slope = np.ones(1), np.zeros(1)
    return float(np.sqrt(slope**2 + (2 * np.pi * radius) ** 2).max())
