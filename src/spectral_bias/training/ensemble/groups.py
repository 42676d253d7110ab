"""How many members train in lockstep together: decided by shape and device, never by the figure."""

from itertools import pairwise

import torch

from spectral_bias.models.activations import ACTIVATIONS
from spectral_bias.models.shape import NetworkShape

# Members of one group share every batched product, so that more members mean fewer calls; but a
# group that outgrows the cache loses more than it saves. Both limits were measured on CPUs with
# 2 MiB of second-level cache per core (`make benchmark` repeats the comparison).
CPU_GROUP_BYTES = 9_000_000
# A group on a GPU is bound by kernel launches until it fills the device, so only memory limits it.
GPU_MEMORY_SHARE = 0.6


def member_bytes(shape: NetworkShape, n_samples: int) -> int:
    """Bytes one member needs (float32): parameters, gradient, two moments, activations.

    The moments are Adam's; plain gradient descent, which has none, forms groups of the same size.
    """
    buffers = shape.depth + 1
    if ACTIVATIONS[shape.activation].keeps_derivative:
        buffers += shape.depth - 1
    activations = n_samples * shape.width * buffers
    return 4 * (4 * shape.n_parameters + activations)


def group_size(shape: NetworkShape, n_samples: int, device: torch.device) -> int:
    """The largest number of members that should train together."""
    budget = CPU_GROUP_BYTES
    if device.type == "cuda":
        budget = int(torch.cuda.mem_get_info(device)[1] * GPU_MEMORY_SHARE)
    return max(1, budget // member_bytes(shape, n_samples))


def plan_groups(
    shape: NetworkShape, n_samples: int, n_members: int, threads: int, device: torch.device
) -> list[range]:
    """Consecutive members of each group, sizes as even as possible, all threads kept busy."""
    largest = group_size(shape, n_samples, device)
    n_groups = -(-n_members // largest)
    if device.type == "cpu":
        n_groups = min(n_members, -(-n_groups // threads) * threads)
    bounds = [round(g * n_members / n_groups) for g in range(n_groups + 1)]
    return [range(a, b) for a, b in pairwise(bounds)]
