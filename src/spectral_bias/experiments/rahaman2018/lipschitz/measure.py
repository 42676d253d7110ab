"""What Figure 26 needs: each member of the chain of Eq. 7 (Rahaman et al. 2018), along training.

For a network f on [0, 1] with linear layers W_1, …, W_L and N points z_j = j/N:

    spectrum  <=  lipschitz  <=  norms  <=  bound

spectrum   the steepest slope that the amplitudes on the points ask for. The differences of
           neighbouring values, the step from the last one back to the first included, have
           Fourier coefficients of modulus N sin(pi k/N) a(k) with the single-sided amplitude a(k).
           Each is at most the sum of the moduli of the differences, N - 1 of which are at most 1/N
           times the Lipschitz constant. So this constant is at least
               (N sin(pi k/N) a(k) - |f(z_(N-1)) - f(z_0)|) N / (N - 1)    for every k,
           which is about pi k a(k): no sharper than the statement that a slope is needed in
           proportion to the frequency, but without any assumption.
lipschitz  the largest |slope| on [0, 1], exactly (spectra/piecewise_linear.py).
norms      the product of the largest singular values.
bound      ||theta||_inf^L times the product over layers of sqrt(inputs times outputs), that is
           ||theta||_inf^L sqrt(d) prod_l d_l for input dimension d = 1 and hidden widths d_l.
"""

import math

import numpy as np
import pandas as pd
import torch

from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.measurements.evaluation import outputs
from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.models.batched import network_layers
from spectral_bias.spectra.fourier import single_sided_amplitude
from spectral_bias.spectra.norms import spectral_norm
from spectral_bias.spectra.piecewise_linear import Layers, piecewise_linear
from spectral_bias.training.ensemble.metrics import relative_amplitude

FITTED = 0.5
"""A frequency counts as fitted from the first record on that has this fraction of its amplitude."""
FINE = 64
"""Places for each point at which the target's slope is evaluated."""


def measured(job: MeasuringJob) -> dict[str, pd.DataFrame]:
    """The table of Figure 26."""
    job.limit_threads()
    return {"lipschitz_chain": chain_table(job.ensemble("run"))}


def chain_table(run: FinishedRun) -> pd.DataFrame:
    """One row for each iteration whose parameters were kept, and each network.

    Returns:
        iteration, member; frequency (the highest fitted so far, 0 for none); spectrum, lipschitz,
        norms, bound (see above, per unit of z); target (the Lipschitz constant of the member's
        target, from its derivative on a fine grid).
    """
    rows = []
    inputs, target = run.problem.inputs, target_slopes(run)
    kept = zip(run.history["parameters_iteration"], run.history["parameters"], strict=True)
    for iteration, parameters_RP in kept:
        flat = torch.from_numpy(parameters_RP)
        asked = spectrum_slopes(outputs(flat, run.shape, inputs))
        fitted = highest_fitted(run, int(iteration))
        for member, layers in enumerate(network_layers(flat, run.shape)):
            row = {"iteration": int(iteration), "member": member, "frequency": fitted[member]}
            row |= {"spectrum": asked[member], **bounds(layers), "target": target[member]}
            rows.append(row)
    return pd.DataFrame(rows)


def bounds(layers: Layers) -> dict[str, float]:
    """lipschitz, norms and bound of a network, see above."""
    weights = [weight for weight, _ in layers]
    largest = max(float(np.abs(part).max()) for pair in layers for part in pair)
    norms = [float(spectral_norm(torch.from_numpy(weight))) for weight in weights]
    sizes = [math.sqrt(weight.size) for weight in weights]
    return {
        "lipschitz": float(np.abs(piecewise_linear(layers).slopes).max()),
        "norms": math.prod(norms),
        "bound": largest ** len(weights) * math.prod(sizes),
    }


def spectrum_slopes(values_RN: np.ndarray) -> np.ndarray:
    """(R,): lower bounds of Lipschitz constants from values (R, N) on z_j = j/N; see above."""
    n = values_RN.shape[1]
    k = np.arange(1, (n + 1) // 2)
    amplitude_RK = single_sided_amplitude(values_RN.astype(np.float64), k)
    step_R = np.abs(values_RN[:, -1] - values_RN[:, 0])
    asked_R = (n * np.sin(np.pi * k / n) * amplitude_RK).max(axis=1)
    return np.maximum(asked_R - step_R, 0.0) * n / (n - 1)


def highest_fitted(run: FinishedRun, iteration: int) -> np.ndarray:
    """(R,): highest k of the target whose amplitude has reached half of its own by `iteration`."""
    past = run.history["record_iteration"] <= iteration
    reached_RK = (relative_amplitude(run.history, run.facts)[past] >= FITTED).any(axis=0)
    return np.where(reached_RK, run.facts["frequencies"], 0).max(axis=1).astype(int)


def target_slopes(run: FinishedRun) -> np.ndarray:
    """(R,): largest slope of each target sum_i A_i sin(2 pi k_i z + phi_i)."""
    turns = 2 * np.pi * run.facts["frequencies"]
    z = np.arange(FINE * run.problem.n_samples) / (FINE * run.problem.n_samples)
    angles = np.multiply.outer(z, turns) + run.facts["phases"][:, None]
    return np.abs(np.cos(angles) @ (turns * run.facts["amplitudes"])).max(axis=1)
