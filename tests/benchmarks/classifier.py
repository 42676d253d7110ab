"""Speed of training image classifiers against a plain PyTorch loop.

    python -m tests.benchmarks.classifier

Both ways train the same network with the same optimiser, batch size and augmentation (flip, crop,
cutout) on the same images. The plain way is the usual one: a DataLoader that reads images one by
one through torchvision's transforms, with and without worker processes. All measurements of one
round follow one another directly; medians over the rounds are compared. On a CPU the network is a
small one; where there is a GPU, WRN-28-10 is also measured, as a share of the GPU's measured rate
of matrix products.

Units: images per second; TFLOP/s with multiply-adds counted as two.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from spectral_bias.cost.training import TRAINING_PASSES, forward_flop
from spectral_bias.data.images import ImageSet
from spectral_bias.data.patches import patches
from spectral_bias.models.named import build_network
from spectral_bias.runtime.device import device_name
from spectral_bias.training.classifier.augmentation.pipeline import Augmentation
from spectral_bias.training.classifier.settings import ClassifierSettings
from spectral_bias.training.classifier.sources import LoadedImages
from spectral_bias.training.classifier.train import train_classifier
from spectral_bias.training.precision import float32_mode
from tests.benchmarks.engine import FREE
from tests.benchmarks.ways import Spread, in_rounds, processor_share, rate

CUTOUT, CLIP = 16, 5.0
OPTIMISER = {"momentum": 0.9, "nesterov": True, "weight_decay": 5e-4}
LEARNING_RATE = 0.1
SQUARE = {"cpu": 2048, "cuda": 8192}
"""Rows of the matrices whose product is measured, by device."""
SECONDS = 1.0
"""About how long that takes."""


@dataclass(frozen=True)
class Case:
    """A network that is trained for one epoch of `n_images` at a time."""

    name: str
    network: Mapping[str, Any]
    batch_size: int
    n_images: int
    device: str
    precisions: tuple[str, ...]
    workers: tuple[int, ...]
    """Worker processes of the plain way's DataLoader that are tried."""


def wide_resnet(depth: int, width: int, stem: int) -> dict[str, Any]:
    """Settings of a network."""
    arguments = {"depth": depth, "width": width, "stem": stem}
    return {"callable": "wide_resnet", "arguments": arguments}


def cases(threads: int) -> list[Case]:
    """A small network on the CPU; on a GPU, where there is one, the small and the largest."""
    small, large = wide_resnet(10, 8, 8), wide_resnet(28, 160, 16)
    found = [Case("WRN-10, width 8", small, 128, 2000, "cpu", ("float32",), (0, threads))]
    if torch.cuda.is_available():
        cores = min(16, os.cpu_count() or 1)
        every = ("float32", "tf32", "bf16")
        found += [
            Case("WRN-10, width 8", small, 256, 50_000, "cuda", ("float32",), (0, cores)),
            Case("WRN-28-10", large, 256, 20_000, "cuda", every, (cores,)),
        ]
    return found


def network_of(case: Case, device: torch.device) -> nn.Module:
    """Untrained."""
    return build_network(**case.network, n_classes=10, seed=0).to(device)


class Photographs(Dataset):
    """Images one by one, as those of torchvision's data sets."""

    def __init__(self, images: ImageSet) -> None:
        self.pixels, self.labels = images.train_images, images.train_labels.tolist()
        self.transform = transforms.Compose(
            [
                transforms.ToPILImage(),
                transforms.RandomCrop(images.train_images.shape[1], padding=4),
                transforms.RandomHorizontalFlip(),
                transforms.ToTensor(),
                transforms.Normalize(images.mean.tolist(), images.std.tolist()),
                square_cut_out,
            ]
        )

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.transform(self.pixels[index]), self.labels[index]


def square_cut_out(x_CHW: Tensor) -> Tensor:
    """Zeros in a square of side `CUTOUT` around a random pixel."""
    y, x = (int(torch.randint(size, ())) for size in x_CHW.shape[1:])
    half = CUTOUT // 2
    x_CHW[:, max(0, y - half) : y + half, max(0, x - half) : x + half] = 0
    return x_CHW


class Plain:
    """The plain way; its workers stay alive between measurements."""

    def __init__(self, case: Case, images: ImageSet, precision: str, workers: int) -> None:
        self.device, self.precision = torch.device(case.device), precision
        self.network = network_of(case, self.device)
        self.optimiser = torch.optim.SGD(self.network.parameters(), LEARNING_RATE, **OPTIMISER)
        self.loader = DataLoader(
            Photographs(images),
            case.batch_size,
            shuffle=True,
            drop_last=True,
            num_workers=workers,
            persistent_workers=workers > 0,
            pin_memory=case.device == "cuda",
        )

    def measure(self) -> float:
        """Images per second of one epoch."""
        start, count = time.perf_counter(), 0
        self.network.train()
        with float32_mode(self.precision):
            for x, labels in self.loader:
                self.update(x, labels)
                count += len(labels)
            if self.device.type == "cuda":
                torch.cuda.synchronize()
        return count / (time.perf_counter() - start)

    def update(self, x_BCHW: Tensor, labels: Tensor) -> None:
        """One step."""
        x_BCHW, labels = (part.to(self.device, non_blocking=True) for part in (x_BCHW, labels))
        bf16 = self.precision == "bf16"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=bf16):
            loss = nn.functional.cross_entropy(self.network(x_BCHW), labels)
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), CLIP)
        self.optimiser.step()


class Ours:
    """`train_classifier`; its setting up is counted too, and its test set is tiny."""

    def __init__(self, case: Case, images: ImageSet, precision: str) -> None:
        self.device = torch.device(case.device)
        self.network = network_of(case, self.device)
        self.source = LoadedImages.of(images, self.device)
        self.settings = ClassifierSettings(
            epochs=1,
            batch_size=case.batch_size,
            learning_rate=LEARNING_RATE,
            schedule="cosine",
            augmentation=Augmentation("cutout", flip_crop=True, cutout=CUTOUT),
            precision=precision,
            gradient_clip=CLIP,
            **OPTIMISER,
        )

    def measure(self) -> float:
        """Images per second of one epoch."""
        start = time.perf_counter()
        train_classifier(self.network, self.source, self.settings, seed=0)
        size = self.settings.batch_size
        return self.source.n_train // size * size / (time.perf_counter() - start)


def product_tflops(device: str, precision: str) -> float:
    """10^12 FLOP per second of the product of two large square matrices."""
    size = SQUARE[device]
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    a, b, out = (torch.randn(size, size, device=device).to(dtype) for _ in range(3))

    def ten_products() -> None:
        for _ in range(10):
            torch.mm(a, b, out=out)
        if device == "cuda":
            torch.cuda.synchronize()

    with float32_mode(precision):
        return 10 * 2 * size**3 * rate(ten_products, SECONDS / 2) / 1e12


def measurements(found: list[Case], threads: int) -> dict[str, Callable[[], float]]:
    """What one round measures: by name, a function that returns the figure."""
    torch.set_num_threads(threads)
    todo = {"processor share": lambda: processor_share(threads, SECONDS / 4)}
    for number, case in enumerate(found):
        images = patches(case.n_images, 10, 32, seed=0)
        for precision in case.precisions:
            ways = {f"plain, {w} workers": Plain(case, images, precision, w) for w in case.workers}
            ways["ours"] = Ours(case, images, precision)
            for name, way in ways.items():
                way.measure()
                todo[f"{number} {precision} {name}"] = way.measure
            todo[f"{case.device} {precision} product"] = lambda c=case, p=precision: product_tflops(
                c.device, p
            )
    # A measurement sets the threads that it needs.
    return {name: _with_threads(threads, work) for name, work in todo.items()}


def _with_threads(threads: int, work: Callable[[], float]) -> Callable[[], float]:
    def measure() -> float:
        torch.set_num_threads(threads)
        return work()

    return measure


def report(found: list[Case], threads: int, spreads: dict[str, Spread]) -> dict:
    """All results as they go into the json file."""
    throughput, utilisation = [], []
    for number, case in enumerate(found):
        flop = TRAINING_PASSES * forward_flop(case.network, 32)
        for precision in case.precisions:
            start = f"{number} {precision} "
            ways = {n.removeprefix(start): s for n, s in spreads.items() if n.startswith(start)}
            best = max(spread.median for name, spread in ways.items() if name != "ours")
            what = {"network": case.name, "device": case.device, "precision": precision}
            for name, spread in ways.items():
                row = {"way": name, "images_per_second": asdict(spread)}
                throughput.append(what | row | {"speed_up": spread.median / best})
            tflops = ways["ours"].median * flop / 1e12
            peak = spreads[f"{case.device} {precision} product"].median
            row = {"tflops": tflops, "product_tflops": peak, "share_of_product": tflops / peak}
            utilisation.append(what | row)
    devices = dict.fromkeys(case.device for case in found)
    machine = {
        "devices": [device_name(torch.device(device)) for device in devices],
        "threads": threads,
        "torch": torch.__version__,
        "processor_share": asdict(spreads["processor share"]),
    }
    return {"machine": machine, "throughput": throughput, "utilisation": utilisation}


def table(result: dict) -> str:
    """The results as text."""
    machine = result["machine"]
    lines = [f"{', '.join(machine['devices'])}; {machine['threads']} threads; {machine['torch']}"]
    share = machine["processor_share"]["median"]
    busy = "" if share >= FREE else " (too little to compare ways)"
    lines += [f"share of the processor that other programs left: {share:.0%}{busy}", ""]
    lines.append(
        f"{'network':16} {'device':6} {'precision':9} {'way':18} {'images/s':>24} speed-up"
    )
    for row in result["throughput"]:
        s = row["images_per_second"]
        rates = f"{s['median']:.0f} ({s['minimum']:.0f}..{s['maximum']:.0f})"
        lines.append(f"{_what(row)} {row['way']:18} {rates:>24} {row['speed_up']:7.2f}x")
    lines += ["", "share of matrix products reached by training:"]
    for row in result["utilisation"]:
        share = f"{row['tflops']:.3g} of {row['product_tflops']:.3g} TFLOP/s"
        lines.append(f"{_what(row)} {share:>30} {row['share_of_product']:.0%}")
    return "\n".join(lines)


def _what(row: Mapping[str, Any]) -> str:
    return f"{row['network']:16} {row['device']:6} {row['precision']:9}"


def run(found: list[Case], threads: int, rounds: int, say: Callable[[str], None]) -> dict:
    """Measures all cases; what goes into the json file."""
    todo = measurements(found, threads)
    return report(found, threads, in_rounds(todo, rounds, say))


def main() -> None:
    """Command line; see the module's docstring."""
    parser = argparse.ArgumentParser(description="Speed of training image classifiers")
    default = Path("results/benchmarks/classifier.json")
    parser.add_argument("path", nargs="?", default=default, type=Path)
    parser.add_argument("--threads", default=2, type=int, help="CPU threads of both ways")
    parser.add_argument("--rounds", default=5, type=int)
    options = parser.parse_args()
    found = cases(options.threads)
    result = run(found, options.threads, options.rounds, print)
    options.path.parent.mkdir(parents=True, exist_ok=True)
    options.path.write_text(json.dumps(result, indent=2) + "\n")
    print(f"\n{table(result)}\n\nwritten to {options.path}")


if __name__ == "__main__":
    main()
