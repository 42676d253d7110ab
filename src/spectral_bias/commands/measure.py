"""`spectral-bias measure`: how fast a network's answers vary along paths between images."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from spectral_bias.errors import UserError

if TYPE_CHECKING:
    from spectral_bias.data.image_files import View

HELP = "how fast a classifier's outputs vary along paths between images"
EXAMPLE = (
    "spectral-bias measure --model my_network.py:build --checkpoint my.pt --images val "
    "--normalise cifar10 --out my_network"
)
STORES = ("sqlite:///", "http://", "https://")
KNOWN = {
    "cifar10": ((0.491, 0.482, 0.447), (0.247, 0.243, 0.262)),
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "none": ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
}
"""Normalisations by name: mean and standard deviation of the channels, of pixels in [0, 1]."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The network, the images, how they are measured, and where results go."""
    network = parser.add_argument_group("network")
    network.add_argument(
        "--model",
        metavar="MODEL",
        required=True,
        help="torchvision:resnet18 (with published weights, or with --checkpoint), "
        "my_module.py:build, package.module:build, exported.pt2 (torch.export), or network.pt "
        "(TorchScript)",
    )
    network.add_argument(
        "--checkpoint", metavar="FILE", help="its parameters: .pt, .pth or .safetensors"
    )
    network.add_argument(
        "--unsafe-load",
        action="store_true",
        help="open files that run code when they are opened (pickled networks); only if you trust "
        "where they come from",
    )
    network.add_argument(
        "--outputs",
        choices=("logits", "probabilities"),
        default="logits",
        help="what the network gives (default: logits)",
    )
    network.add_argument("--name", help="of the network in tables and figures")
    add_image_arguments(parser)
    paths = parser.add_argument_group("paths")
    paths.add_argument(
        "--pairs",
        type=int,
        metavar="N",
        help="paths of each kind, spread evenly over the classes (default: 1000, or as many as the "
        "images allow)",
    )
    paths.add_argument(
        "--kinds",
        type=_words,
        metavar="KINDS",
        help="within, between, or both (default: within,between)",
    )
    paths.add_argument(
        "--classes",
        metavar="NAMES",
        help="some classes alone, as cat,dog, or how many of them",
    )
    paths.add_argument(
        "--spacing",
        type=float,
        metavar="D",
        help="distance of two points in normalised image space (default: 1 for images of 3×32×32 "
        "numbers, growing with the square root of their number)",
    )
    paths.add_argument(
        "--points", type=int, metavar="S", help="points of every path, in place of --spacing"
    )
    paths.add_argument(
        "--high",
        type=float,
        default=0.1,
        metavar="SHARE",
        help="fraction of the band above which a frequency is high (default: 0.1)",
    )
    paths.add_argument("--seed", type=int, default=0, help="of the choice of images (default: 0)")
    add_computing_arguments(parser)
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        required=True,
        help="new folder: measurement.json, .html, .png and .pdf, paths.csv, spectra.csv",
    )
    parser.add_argument(
        "--track", metavar="URI", help="record it in this MLflow store too, such as sqlite:///m.db"
    )


def add_image_arguments(parser: argparse.ArgumentParser) -> None:
    """Which images, and what a network is shown of them."""
    images = parser.add_argument_group("images")
    images.add_argument(
        "--images",
        metavar="FOLDER",
        required=True,
        help="holds one folder of image files for each class, in the alphabetical order of the "
        "network's outputs",
    )
    images.add_argument(
        "--size",
        type=int,
        metavar="PIXELS",
        help="the shorter side is scaled to this, the middle square cut out (default: as the "
        "weights want it, or as the images are)",
    )
    images.add_argument(
        "--normalise",
        choices=tuple(KNOWN),
        help="mean and standard deviation that the network was trained with, by name (default: as "
        "the weights want it)",
    )
    images.add_argument(
        "--mean", type=float, nargs="+", metavar="M", help="of each channel, of pixels in [0, 1]"
    )
    images.add_argument("--std", type=float, nargs="+", metavar="S", help="of each channel")
    images.add_argument(
        "--strict",
        action="store_true",
        help="an image that cannot be read is an error (default: it is left out and named)",
    )


def add_computing_arguments(parser: argparse.ArgumentParser) -> None:
    """Where and how exactly a network computes."""
    computing = parser.add_argument_group("computing")
    computing.add_argument(
        "--device", default="auto", help="auto, cpu, cuda or cuda:1 (default: auto)"
    )
    computing.add_argument(
        "--batch", type=int, metavar="B", help="points that the network sees at one time"
    )
    computing.add_argument(
        "--precision",
        choices=("float32", "tf32", "bf16"),
        default="float32",
        help="of products; the last two add noise of all frequencies (default: float32)",
    )
    computing.add_argument("--threads", type=int, metavar="N", help="CPU threads of PyTorch")


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def classes_of(text: str | None) -> tuple[str, ...] | int | None:
    """Names of classes, or how many; None for all."""
    if text is None:
        return None
    return int(text) if text.isdecimal() else _words(text)


def view_of(arguments: argparse.Namespace, own: "View | None") -> "View":
    """What the network is shown: what the options say, otherwise what its weights want.

    Raises:
        UserError: the options contradict each other, or nobody says how images are normalised.
    """
    from spectral_bias.data.image_files import View

    given = arguments.mean, arguments.std
    if arguments.normalise and any(given):
        raise UserError("--normalise: give it, or --mean and --std, not both")
    if (arguments.mean is None) != (arguments.std is None):
        raise UserError("--mean and --std: give both, or neither")
    if arguments.normalise:
        given = KNOWN[arguments.normalise]
    elif arguments.mean is None:
        if own is None:
            raise UserError(
                "--normalise: say how the images were normalised when the network was trained: "
                "cifar10, imagenet or none, or --mean and --std of the channels"
            )
        given = own.mean, own.std
    mean, std = (tuple(values) for values in given)
    if len(mean) != len(std) or len(mean) not in (1, 3):
        raise UserError(
            f"--mean and --std: {len(mean)} and {len(std)} numbers; give three each, or one each "
            "for grey images"
        )
    if not all(0 < value < float("inf") for value in std):
        raise UserError(f"--std: {' '.join(f'{v:g}' for v in std)}; give numbers above 0")
    if not all(abs(value) < float("inf") for value in mean):
        raise UserError(f"--mean: {' '.join(f'{v:g}' for v in mean)}; give finite numbers")
    size = arguments.size
    if size is not None and size < 1:
        raise UserError(f"--size: {size}; give a number of pixels")
    if size is None and own is not None:
        return View(own.resize, own.crop, own.interpolation, mean, std)
    way = "bilinear" if own is None else own.interpolation
    return View(size, size, way, mean, std)


def run(arguments: argparse.Namespace) -> None:
    """Measures the network, writes the folder and prints the main numbers.

    Raises:
        UserError: something given cannot be used; nothing is written then.
    """
    import torch

    from spectral_bias.toolkit.inputs.devices import named_device, threads_for_reading
    from spectral_bias.toolkit.inputs.images import count_classes, open_images
    from spectral_bias.toolkit.inputs.networks import load_network, logits_by_name
    from spectral_bias.toolkit.output import new_folder
    from spectral_bias.toolkit.paths.measure import measure

    if arguments.threads is not None:
        if arguments.threads < 1:
            raise UserError(f"--threads: {arguments.threads}; give 1 or more")
        torch.set_num_threads(arguments.threads)
    device = named_device(arguments.device)
    if arguments.track is not None:
        _require_store(arguments.track)
    with new_folder(arguments.out) as folder:
        n_classes = count_classes(arguments.images)
        if n_classes is None and not Path(arguments.images).is_dir():
            raise UserError(
                f"--images: {arguments.images}: no such folder; name one that holds <class>/ and "
                "images"
            )
        loaded = load_network(
            arguments.model,
            arguments.checkpoint,
            n_classes=n_classes,
            device=device,
            unsafe_load=arguments.unsafe_load,
        )
        view = view_of(arguments, loaded.view)
        data = open_images(arguments.images, view, threads=threads_for_reading())
        places = logits_by_name(loaded.categories, data.class_names)
        measured = measure(
            loaded.network,
            data,
            pairs=arguments.pairs,
            kinds=arguments.kinds,
            classes=classes_of(arguments.classes),
            points=arguments.points,
            spacing=arguments.spacing,
            high=arguments.high,
            outputs=arguments.outputs,
            output_of_class=places,
            name=arguments.name or loaded.name,
            batch=arguments.batch,
            precision=arguments.precision,
            seed=arguments.seed,
            strict=arguments.strict,
            progress=sys.stderr.isatty(),
            facts={"network": loaded.facts},
        )
        measured.save(folder)
    print(measured)
    for note in measured.notes:
        print(f"note: {note}", file=sys.stderr)
    print(f"written to {arguments.out}; open {Path(arguments.out) / 'measurement.html'}")
    if arguments.track is not None:
        from spectral_bias.tracking import record_measurement

        record_measurement(arguments.track, Path(arguments.out))


def _require_store(uri: str) -> None:
    """Finds out before hours are spent on what is then not recorded."""
    from importlib.util import find_spec

    if find_spec("mlflow") is None:
        raise UserError("--track: needs MLflow; pip install 'spectral-bias[workflow]'")
    if not uri.startswith(STORES):
        raise UserError(f"--track: {uri!r} is no address of a store; write {', '.join(STORES)}…")
