"""Targets of Experiment 4 of Rahaman et al. 2018: two classes of digits with noise of two kinds.

"increasing": psi = sum_n s_n (n/N)^gamma v_n with v_n the eigenvectors of a Gaussian kernel (the
paper). The sign of an eigenvector means nothing, so each run draws the signs s_n anew (ours).
"white": independent draws from U(-1, 1) (the authors' code).

Shape suffixes: R members, N samples, D inputs.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from spectral_bias.data.digits import Digits, class_pair, read_digits
from spectral_bias.data.problem import Facts, Problem
from spectral_bias.errors import UserError
from spectral_bias.seeds import derived_generator, derived_seed
from spectral_bias.spectra.kernels import eigenvectors, numerical_rank, rbf_kernel

KINDS = ("increasing", "white")
SECTION = "rahaman2018.kernel_spectra"


def build(run: Mapping[str, Any], digits: str | Path) -> tuple[Problem, Facts]:
    """Targets tau_0 + beta psi on the first `n_samples` images; validation on tau_0 at the same.

    Networks of one number start from the same weights under both kinds of noise.

    Args:
        run: resolved settings.
        digits: file of a rule that prepares digits.

    Returns:
        The problem, and facts eigenvalues (N,), eigenvectors (N, N; one in each column), and of
        each member its number (R,) and the kind of its noise, setting (R,).

    Raises:
        UserError: a class has no image, there are fewer images than `n_samples`, or the kernel
            matrix is numerically singular.
    """
    data = run["data"]
    pair = class_pair(*read_digits(digits), data["classes"], f"{SECTION}.data.classes")
    x_ND, clean_N = _first(pair, data)
    eigenvalues_N, vectors_NN = _decomposed(x_ND, run["sigma"])
    members = [(kind, number) for kind in KINDS for number in range(run["n_runs"])]
    names = [(run["seed"], run["run"], number) for _, number in members]
    noise_RN = np.stack(
        [
            _noise(kind, vectors_NN, run["gamma"], derived_generator(*name, f"{kind} noise"))
            for (kind, _), name in zip(members, names, strict=True)
        ]
    )
    problem = Problem(
        inputs=x_ND,
        targets=clean_N + run["beta"] * noise_RN,
        seeds=[derived_seed(*name, "weights") for name in names],
        validation_inputs=x_ND,
        validation_targets=clean_N,
    )
    facts = {
        "eigenvalues": eigenvalues_N,
        "eigenvectors": vectors_NN,
        "number": np.array([number for _, number in members]),
        "setting": np.array([kind for kind, _ in members]),
    }
    return problem, facts


def increasing_noise(vectors_NN: np.ndarray, gamma: float, signs_N: np.ndarray) -> np.ndarray:
    """(N,): sum over n = 1, …, N of s_n (n/N)^gamma v_n; its mean square is near 1/(2 gamma + 1).

    Args:
        vectors_NN: eigenvectors by decreasing eigenvalue, one in each column.
        gamma: how steeply the noise rises with n.
        signs_N: s_n, each -1 or 1.
    """
    n = len(signs_N)
    return vectors_NN @ (signs_N * (np.arange(1, n + 1) / n) ** gamma)


def _noise(
    kind: str, vectors_NN: np.ndarray, gamma: float, generator: np.random.Generator
) -> np.ndarray:
    n = len(vectors_NN)
    if kind == "white":
        return generator.uniform(-1.0, 1.0, n)
    return increasing_noise(vectors_NN, gamma, generator.choice([-1.0, 1.0], n))


def _first(pair: Digits, data: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    wanted, there = data["n_samples"], len(pair.targets)
    if there < wanted:
        raise UserError(
            f"{SECTION}.data.n_samples: {wanted} images are wanted, but classes "
            f"{' and '.join(map(str, data['classes']))} of {data['source']} have {there}; choose "
            f"at most {there}"
        )
    clean_N = pair.targets[:wanted]
    if len(np.unique(clean_N)) < 2:
        raise UserError(
            f"{SECTION}.data.n_samples: the first {wanted} images are all of one class; choose more"
        )
    return pair.inputs[:wanted], clean_N


def _decomposed(x_ND: np.ndarray, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    values_N, vectors_NN = eigenvectors(rbf_kernel(x_ND, sigma))
    n, rank = len(values_N), numerical_rank(values_N)
    if rank < n:
        raise UserError(
            f"{SECTION}.sigma: with sigma = {sigma:g} the kernel matrix is numerically singular: "
            f"only {rank} of its {n} eigenvalues differ from 0 by more than rounding, so the other "
            "eigenvectors are arbitrary; choose a smaller sigma, and no image twice"
        )
    return values_N, vectors_NN
