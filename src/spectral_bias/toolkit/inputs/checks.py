"""What is wrong with a network's outputs, found on a few images before hours are spent on many.

Shape suffixes: B images, C channels, H and W pixels, K classes.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from spectral_bias.errors import UserError
from spectral_bias.measurements.path_points import Predict

LOGITS, PROBABILITIES = "logits", "probabilities"
OUTPUTS = (LOGITS, PROBABILITIES)
SAME = 1e-3
"""Difference of one image's probabilities alone and among others that is taken for rounding."""
SUM = 1e-3
"""Difference of a row's sum from 1 at which it is taken for probabilities."""
FEWEST = 2
"""Classes of a classifier."""


def predictor(network: Callable[[Tensor], Any], outputs: str) -> Predict:
    """The network as one that gives logits, whatever object it wraps them in.

    Args:
        network: images (B, C, H, W) → logits or probabilities (B, K), as a tensor or as the
            attribute `logits` of what it returns.
        outputs: one of `OUTPUTS`.

    Raises:
        UserError: there are no such outputs; the predictor does, when the network gives no tensor.
    """
    if outputs not in OUTPUTS:
        raise UserError(f"outputs: {outputs!r} is neither {LOGITS} nor {PROBABILITIES}")

    def predict(x_BCHW: Tensor) -> Tensor:
        found = _tensor(network(x_BCHW))
        if outputs == LOGITS:
            return found
        # Their softmax gives the probabilities back.
        return found.float().clamp(min=torch.finfo(torch.float32).tiny).log()

    return predict


def _tensor(found: Any) -> Tensor:
    inner = getattr(found, "logits", found)
    if not isinstance(inner, Tensor):
        raise UserError(
            f"network: returns {type(found).__name__}, not a tensor of shape (images, classes); "
            "wrap it so that it returns its logits"
        )
    return inner


def checked(network: Callable[[Tensor], Any], x_BCHW: Tensor, outputs: str) -> int:
    """K, the number of outputs of a network that can be measured; it is asked about a few images.

    Args:
        network: as `predictor` takes it, in evaluation mode.
        x_BCHW: two images or more, normalised, on its device.
        outputs: what it is said to give.

    Raises:
        UserError: it fails, gives no (images, classes), NaN, probabilities in place of logits or
            the other way round, or answers that depend on the other images of a batch or on chance.
    """
    found = _asked(network, x_BCHW)
    if found.ndim != 2 or len(found) != len(x_BCHW) or found.shape[1] < FEWEST:
        shape = tuple(found.shape)
        hint = ""
        if shape[1:] == (1,):
            hint = "; of two classes give the logits of both"
        raise UserError(
            f"network: gives outputs of shape {shape} for {len(x_BCHW)} images, not (images, "
            f"classes) with two classes or more{hint}"
        )
    # A logit of -inf is a probability of 0.
    if not (found if outputs == PROBABILITIES else found.softmax(1)).isfinite().all():
        raise UserError(
            "network: its outputs are not finite (NaN or infinite) on the first images; check its "
            "parameters and how images are normalised"
        )
    _check_outputs(found, outputs)
    _check_independence(network, x_BCHW, found, outputs)
    return found.shape[1]


def _asked(network: Callable[[Tensor], Any], x_BCHW: Tensor) -> Tensor:
    try:
        return _tensor(network(x_BCHW)).float()
    except torch.OutOfMemoryError:
        raise
    except (RuntimeError, ValueError, TypeError, AssertionError, IndexError) as error:
        shape = "×".join(map(str, x_BCHW.shape[1:]))
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise UserError(f"network: fails on images of {shape} numbers ({reason})") from error


def _check_outputs(found_BK: Tensor, outputs: str) -> None:
    sums = found_BK.sum(dim=1)
    simplex = bool((found_BK >= 0).all() and ((sums - 1).abs() < SUM).all())
    if outputs == LOGITS and simplex:
        raise UserError(
            "network: its outputs are probabilities (none below 0, each row sums to 1), not "
            "logits; a softmax over them would hide nearly all of the spectrum; say "
            f"outputs={PROBABILITIES}, or leave out its last softmax"
        )
    if outputs == PROBABILITIES and not simplex:
        raise UserError(
            f"outputs: {PROBABILITIES} are said to come, but the network's rows are below 0 or do "
            f"not sum to 1; say outputs={LOGITS}"
        )


def _check_independence(
    network: Callable[[Tensor], Any], x_BCHW: Tensor, found_BK: Tensor, outputs: str
) -> None:
    def p(logits: Tensor) -> Tensor:
        return logits if outputs == PROBABILITIES else logits.softmax(1)

    def differ(one: Tensor, other: Tensor) -> bool:
        return bool((p(one) - p(other)).abs().max() > SAME)

    if differ(_asked(network, x_BCHW), found_BK):
        raise UserError(
            "network: gives the same images other answers the second time: something random, such "
            "as dropout, works in it; export it in evaluation mode"
        )
    try:
        dependent = differ(_asked(network, x_BCHW[:1]), found_BK[:1])
        reason = ""
    except UserError as error:
        dependent, reason = True, f" ({error})"
    if dependent:
        raise UserError(
            "network: gives an image another answer alone than among others, or none: a batch "
            "normalisation uses the statistics of the batch; export it in evaluation mode, or "
            f"give it running statistics{reason}"
        )


def in_training_mode(network: Any) -> bool:
    """Whether a module, or one inside of it, is in training mode."""
    return isinstance(network, nn.Module) and any(m.training for m in network.modules())
