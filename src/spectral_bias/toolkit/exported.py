"""Networks that torch.export has written, which know one device and maybe one size of batch."""

from pathlib import Path

import torch
from torch import Tensor, nn

from spectral_bias.errors import UserError


class FixedBatch(nn.Module):
    """A network that takes batches of one size, as one that takes any.

    Args:
        network: takes (size, …) and gives (size, …).
        size: of its batches.
    """

    def __init__(self, network: nn.Module, size: int) -> None:
        super().__init__()
        self.network, self.size, self.training = network, size, False

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Outputs (B, …); a batch that is not full is filled up with its last image."""
        found = []
        for part in x_BCHW.split(self.size):
            missing = self.size - len(part)
            whole = (
                part if not missing else torch.cat([part, part[-1:].expand(missing, -1, -1, -1)])
            )
            found.append(self.network(whole)[: len(part)])
        return torch.cat(found)


def read_exported(path: Path, device: torch.device) -> nn.Module:
    """The network of a .pt2 file, on a device.

    Raises:
        UserError: there is no such file, or it holds something else.
    """
    if not path.is_file():
        raise UserError(f"model: {path}: no such file")
    try:
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
    size = _batch_size(program)
    return network if size is None else FixedBatch(network, size)


def _batch_size(program: "torch.export.ExportedProgram") -> int | None:
    """The only size of batches that a program takes; None if it takes any."""
    names = program.graph_signature.user_inputs
    for node in program.graph.nodes:
        if node.op == "placeholder" and node.name in names:
            shape = getattr(node.meta.get("val"), "shape", ())
            return shape[0] if len(shape) and isinstance(shape[0], int) else None
    return None
