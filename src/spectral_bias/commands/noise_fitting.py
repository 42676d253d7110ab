"""`spectral-bias noise-fitting`: how far a training fitted a wave, from what it saved."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

HELP = "which frequencies of label noise a training takes up, and when"
EXAMPLE = (
    "spectral-bias noise-fitting --logits epoch_*.npy --images test_images.npy --labels labels.csv "
    "--wave radial --cycles 1 --out noise_fitting"
)
OPTIONS = {
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
    saved = parser.add_argument_group("what the training saved")
    saved.add_argument(
        "--logits",
        nargs="+",
        metavar="FILE",
        help="logits on the images, (images, classes) or (epochs, images, classes): .npy, .npz, "
        ".pt or .safetensors; several files are taken in the order of their numbers",
    )
    saved.add_argument(
        "--outputs",
        default="logits",
        metavar="WHAT",
        help="what these files hold: logits or probabilities (default: logits)",
    )
    saved.add_argument(
        "--steps",
        nargs="+",
        type=float,
        metavar="STEP",
        help="epochs after which it was saved (default: 1, 2, …)",
    )
    images = parser.add_argument_group("images that were not trained on")
    images.add_argument(
        "--images",
        required=True,
        metavar="PATH",
        help="images as the network got them, normalised, (images, channels, height, width): .npy, "
        ".npz, .pt or .safetensors",
    )
    images.add_argument(
        "--labels", metavar="FILE", help="class of each image: .npy, .npz, .pt, .csv or .txt"
    )
    images.add_argument(
        "--training-images",
        metavar="PATH",
        help="as --images; --cycles then count by their standard deviation (default: by that of "
        "--images)",
    )
    _add_wave_arguments(parser)
    parser.add_argument(
        "--out",
        required=True,
        metavar="FOLDER",
        help="new folder: noise_fitting.csv, .json, .png and .pdf",
    )


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
    from spectral_bias.toolkit.noise_history import write_csv, write_json
    from spectral_bias.toolkit.noise_panels import draw
    from spectral_bias.toolkit.output import new_folder

    with new_folder(arguments.out) as folder:
        noise, facts = _measured(arguments)
        write_csv(folder / "noise_fitting.csv", noise.history)
        write_json(folder / "noise_fitting.json", noise.history, facts)
        with style.look():
            write_pictures(folder / "noise_fitting", draw(noise.history))
    print(f"{_summary(noise.history)}: {arguments.out}")
