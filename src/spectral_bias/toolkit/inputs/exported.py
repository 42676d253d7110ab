"""Networks that torch.export has written, which know one device and maybe one size of batch."""

import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from spectral_bias.errors import UserError

UNLIMITED = 2**31
"""Images of a batch; what allows more has no limit."""


class LimitedBatch(nn.Module):
    """A network that takes batches of some sizes, as one that takes any.

    Args:
        network: takes (size, …) and gives (size, …).
        fewest: images of its batches.
        most: images of its batches; None if there is no limit.
    """

    def __init__(self, network: nn.Module, fewest: int, most: int | None) -> None:
        super().__init__()
        self.network, self.fewest, self.most, self.training = network, fewest, most, False

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Outputs (B, …); a batch that is too small is filled up with its last image."""
        found = []
        for part in x_BCHW.split(self.most or len(x_BCHW)):
            missing = max(self.fewest - len(part), 0)
            filling = part[-1:].expand(missing, -1, -1, -1)
            found.append(self.network(torch.cat([part, filling]) if missing else part)[: len(part)])
        return torch.cat(found)


def read_exported(path: Path, device: torch.device) -> nn.Module:
    """The network of a .pt2 file, on a device.

    Raises:
        UserError: there is no such file, or it holds something else.
    """
    if not path.is_file():
        raise UserError(f"model: {path}: no such file")
    try:
        with warnings.catch_warnings():
            # Of buffers that may not be written, which nobody does.
            warnings.simplefilter("ignore")
            program = torch.export.load(path)
        if device.type != "cpu":
            from torch.export.passes import move_to_device_pass

            program = move_to_device_pass(program, device)
        network = program.module()
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        raise UserError(
            f"model: {path}: cannot be read as a network that torch.export wrote ({reason})"
        ) from None
    for module in network.modules():
        module.training = False  # nothing asks for it: what the network does was fixed on export
    fewest, most = _batch_sizes(program)
    return network if (fewest, most) == (1, None) else LimitedBatch(network, fewest, most)


def _batch_sizes(program: "torch.export.ExportedProgram") -> tuple[int, int | None]:
    """The fewest and the most images of a batch that a program takes; None for no limit."""
    names = program.graph_signature.user_inputs
    for node in program.graph.nodes:
        if node.op == "placeholder" and node.name in names:
            size = next(iter(getattr(node.meta.get("val"), "shape", ())), None)
            if isinstance(size, int):
                return size, size
            if isinstance(size, torch.SymInt):
                allowed = program.range_constraints.get(size.node.expr)
                limits = (1, UNLIMITED) if allowed is None else (allowed.lower, allowed.upper)
                fewest, most = (int(min(limit, UNLIMITED)) for limit in limits)
                return max(fewest, 1), most if most < UNLIMITED else None
            break
    return 1, None
