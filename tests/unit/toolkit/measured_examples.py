"""Tiny images and networks for the tests of what measures networks.

Shape suffixes: B images of a batch, C channels, H and W pixels, M images.
"""

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

SIDE = 6
CLASSES = ("cat", "dog", "fox")
NETWORK_FILE = """
import torch
from torch import nn

def build(num_classes=3):
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * 6 * 6, num_classes))
"""


class Function(nn.Module):
    """A network that computes a given function of (B, C, H, W) in float64."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x_BCHW):
        return self.function(x_BCHW.double())


def linear_network(n_classes=3, shape=(3, SIDE, SIDE)):
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(int(np.prod(shape)), n_classes))


def random_images(per_class=8, n_classes=3, shape=(3, SIDE, SIDE)):
    """(M, C, H, W) and (M,), class after class."""
    generator = torch.Generator().manual_seed(1)
    x_MCHW = torch.randn(per_class * n_classes, *shape, generator=generator)
    return x_MCHW, torch.arange(n_classes).repeat_interleave(per_class)


def pixels(seed=0, side=SIDE, channels=3, dtype=np.uint8):
    """(side, side, channels), or (side, side) for 0 channels, over the whole range."""
    shape = (side, side, channels) if channels else (side, side)
    rng = np.random.default_rng(seed)
    return rng.integers(0, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)


def image_folder(folder, per_class=6, classes=CLASSES, side=SIDE):
    """<folder>/<class>/0.png, …: random colours."""
    for label, name in enumerate(classes):
        (Path(folder) / name).mkdir(parents=True)
        for number in range(per_class):
            image = Image.fromarray(pixels(100 * label + number, side))
            image.save(Path(folder) / name / f"{number}.png")
    return Path(folder)


def network_file(folder, text=NETWORK_FILE):
    path = Path(folder) / "my_network.py"
    path.write_text(text)
    return path


def read(folder):
    """measurement.json as it was written."""
    return json.loads((Path(folder) / "measurement.json").read_text())


def trained(n_classes=3, seed=5):
    """What my_network.py:build gives, with other parameters."""
    torch.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(108, n_classes))


def fractions(found):
    rows = found.json["summary"]
    return {(row["kind"], row["quantity"]): row["value"] for row in rows}


def again(found):
    """Makes way for the next results."""
    for path in found.folder.iterdir():
        path.unlink()
    return fractions(found)
