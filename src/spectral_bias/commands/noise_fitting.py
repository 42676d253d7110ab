"""`spectral-bias noise-fitting`: how far a training fitted a wave, from what it saved."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import spectral_bias
from spectral_bias.commands.measure import KNOWN, view_of
from spectral_bias.errors import UserError

if TYPE_CHECKING:
    from spectral_bias.toolkit.noise.fit import NoiseFit
    from spectral_bias.toolkit.noise.runs import ProbeFiles

HELP = "which frequencies of label noise a training takes up, and when"
EXAMPLE = (
    "spectral-bias noise-fitting --logits epoch_*.npy --images test_images.npy --labels labels.csv "
    "--wave radial --cycles 1 --out noise_fitting"
)
WAVE = {
    "kind": "--wave",
    "frequency": "--frequency",
    "cycles": "--cycles",
    "amplitude": "--amplitude",
    "spatial_frequency": "--spatial-frequency",
    "noise_class": "--noise-class",
    "seed": "--seed",
}
"""The values of a wave, and what they are called here."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What a training saved, the images, the wave, and where results go."""
    saved = parser.add_argument_group("what the training saved: logits, or checkpoints of a model")
    saved.add_argument(
        "--logits",
        nargs="+",
        metavar="FILE",
        help="on the images, (images, classes) or (epochs, images, classes): .npy, .npz, .pt or "
        ".safetensors; several files are taken in the order of the numbers in their names",
    )
    saved.add_argument(
        "--checkpoints",
        nargs="+",
        metavar="FILE",
        help="parameters of --model: .pt, .pth or .safetensors; taken in the same order",
    )
    saved.add_argument(
        "--model",
        metavar="MODEL",
        help="torchvision:resnet18, my_module.py:build or package.module:build",
    )
    saved.add_argument(
        "--unsafe-load",
        action="store_true",
        help="open checkpoints that run code when they are opened; only if you trust their source",
    )
    saved.add_argument(
        "--outputs",
        default="logits",
        metavar="WHAT",
        help="what files hold, or the model gives: logits or probabilities (default: logits)",
    )
    saved.add_argument(
        "--steps",
        nargs="+",
        type=float,
        metavar="STEP",
        help="epochs after which it was saved (default: 1, 2, …)",
    )
    _add_image_arguments(parser)
    _add_wave_arguments(parser)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:1")
    parser.add_argument(
        "--batch", type=int, default=256, metavar="B", help="images at one time (default: 256)"
    )
    parser.add_argument(
        "--out",
        required=True,
        metavar="FOLDER",
        help="new folder: noise_fitting.csv, .json, .png and .pdf",
    )


def _add_image_arguments(parser: argparse.ArgumentParser) -> None:
    images = parser.add_argument_group("images that were not trained on")
    images.add_argument(
        "--images",
        required=True,
        metavar="PATH",
        help="as the network gets them, normalised, (images, channels, height, width): .npy, "
        ".npz, .pt or .safetensors; or a folder of image files, one folder for each class",
    )
    images.add_argument(
        "--labels",
        metavar="FILE",
        help="class of each image: .npy, .npz, .pt, .csv or .txt (default: by its folder)",
    )
    images.add_argument(
        "--training-images",
        metavar="PATH",
        help="as --images; --cycles are counted by their standard deviation (default: by that of "
        "--images)",
    )
    images.add_argument(
        "--size",
        type=int,
        metavar="PIXELS",
        help="of image files: the shorter side is scaled to this, the middle square cut out",
    )
    images.add_argument(
        "--normalise",
        choices=tuple(KNOWN),
        help="how image files are normalised: mean and standard deviation of the channels by name",
    )
    images.add_argument(
        "--mean", type=float, nargs="+", metavar="M", help="of each channel, of pixels in [0, 1]"
    )
    images.add_argument("--std", type=float, nargs="+", metavar="S", help="of each channel")


def _add_wave_arguments(parser: argparse.ArgumentParser) -> None:
    wave = parser.add_argument_group("the wave in the training labels")
    wave.add_argument(
        "--wave",
        default="radial",
        metavar="KIND",
        help="radial, fourier, random, 1/f2, f2 or uniform (default: radial)",
    )
    wave.add_argument(
        "--frequency", type=float, metavar="F", help="cycles per unit of distance between images"
    )
    wave.add_argument(
        "--cycles",
        type=float,
        metavar="C",
        help="instead: per standard deviation of the images along the wave",
    )
    wave.add_argument(
        "--amplitude",
        type=float,
        metavar="A",
        help="mean share of the label that is smoothed, 0 to 0.5 (default: 0.1)",
    )
    wave.add_argument(
        "--spatial-frequency",
        type=float,
        metavar="S",
        help="of the direction of a fourier wave, in cycles per side of the image",
    )
    wave.add_argument(
        "--noise-class", type=int, metavar="K", help="the only class that is smoothed"
    )
    wave.add_argument("--seed", type=int, metavar="N", help="of a random direction (default: 0)")


def run(arguments: argparse.Namespace) -> None:
    """Writes noise fitting after each epoch and says in one line what was found.

    Raises:
        UserError: a file cannot be read, files do not belong together, the wave makes no sense, or
            the folder is there already.
    """
    from spectral_bias.figures import style
    from spectral_bias.figures.files import write_pictures
    from spectral_bias.toolkit.inputs.devices import named_device
    from spectral_bias.toolkit.noise.history import write_csv, write_json
    from spectral_bias.toolkit.noise.panels import draw
    from spectral_bias.toolkit.noise.runs import of_checkpoints, of_logits
    from spectral_bias.toolkit.noise.saved_arrays import natural_order
    from spectral_bias.toolkit.noise.waves import wave_of
    from spectral_bias.toolkit.output import new_folder

    _check(arguments)
    given = vars(arguments)
    names = {name: option[2:].replace("-", "_") for name, option in WAVE.items()}
    wave = wave_of({name: given[key] for name, key in names.items()}, WAVE)
    with new_folder(arguments.out) as folder:
        files = natural_order(arguments.logits or arguments.checkpoints)
        what = _probe(arguments), wave, arguments.outputs, arguments.steps
        if arguments.logits:
            noise = of_logits(files, *what)
        else:
            noise = of_checkpoints(
                arguments.model,
                files,
                *what,
                device=named_device(arguments.device),
                unsafe_load=arguments.unsafe_load,
            )
        facts = {"saved": [file.name for file in files], **_facts(arguments), **noise.facts}
        write_csv(folder / "noise_fitting.csv", noise.history)
        write_json(folder / "noise_fitting.json", noise.history, facts)
        with style.look():
            write_pictures(folder / "noise_fitting", draw(noise.history), plain=True)
    print(f"{_summary(noise.history)}: {arguments.out}")


def _check(arguments: argparse.Namespace) -> None:
    """Raises UserError where options do not go together."""
    logits, checkpoints = arguments.logits is not None, arguments.checkpoints is not None
    if logits == checkpoints:
        said = "both are given" if logits else "none is given"
        raise UserError(f"--logits, --checkpoints: {said}; give one of them")
    if checkpoints and arguments.model is None:
        raise UserError("--model: is missing; say whose parameters --checkpoints are")
    if logits and arguments.model is not None:
        raise UserError("--model: is of no use with --logits; leave it out")
    if arguments.batch < 1:
        raise UserError(f"--batch: {arguments.batch}; give 1 or more")


def _probe(arguments: argparse.Namespace) -> "ProbeFiles":
    """The images, read as the options say."""
    import numpy as np

    from spectral_bias.toolkit.inputs.devices import threads_for_reading
    from spectral_bias.toolkit.inputs.images import ImageData, open_images
    from spectral_bias.toolkit.noise.runs import ProbeFiles
    from spectral_bias.toolkit.noise.saved_arrays import IMAGES, read_array

    def opened(path: str) -> ImageData | np.ndarray:
        if Path(path).is_dir():
            return open_images(path, view_of(arguments, None), threads=threads_for_reading())
        return np.array(read_array(path, IMAGES))

    images = opened(arguments.images)
    training = arguments.training_images
    return ProbeFiles.of(
        arguments.images,
        images,
        arguments.labels,
        training_images=None if training is None else opened(training),
        batch_size=arguments.batch,
    )


def _facts(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the numbers depend on beside the files of logits or parameters."""
    training = arguments.training_images
    return {
        "outputs": arguments.outputs,
        "model": arguments.model,
        "images": Path(arguments.images).name,
        "training_images": None if training is None else Path(training).name,
        "version": spectral_bias.__version__,
    }


def _summary(history: Sequence["NoiseFit"]) -> str:
    least, last = min(history, key=lambda fit: fit.noise_fitting), history[-1]
    values = last.covariance_term, last.covariance_term_low, last.covariance_term_high
    term, low, high = (value + 0.0 for value in values)  # -0 becomes 0
    return (
        f"{len(history)} evaluations: least noise fitting {least.noise_fitting:.4g} at step "
        f"{least.step:g}; covariance term after the last {term:.3g} [{low:.3g}, {high:.3g}]"
    )
