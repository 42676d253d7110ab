"""`spectral-bias spectrum NETWORK`: the exact spectrum of a one-dimensional ReLU network."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spectral_bias.toolkit.piecewise_linear import ExactSpectrum

HELP = "exact spectrum of a one-dimensional ReLU network, from its weights"
EXAMPLE = "spectral-bias spectrum network.pt --interval -1 1 --output spectrum"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, what is wanted of it, and where results go."""
    parser.add_argument(
        "network",
        metavar="NETWORK",
        help="a state dict of linear layers, a ReLU between two (.pt, .pth or .safetensors)",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FOLDER",
        required=True,
        help="new folder: spectrum.csv, .json, .png and .pdf, breakpoints.csv",
    )
    parser.add_argument(
        "--interval",
        nargs=2,
        type=float,
        metavar=("A", "B"),
        default=(0.0, 1.0),
        help="inputs on which the network is looked at (default: 0 1)",
    )
    parser.add_argument(
        "--max-frequency",
        type=int,
        metavar="K",
        default=200,
        help="highest frequency, in cycles on the interval (default: 200)",
    )
    parser.add_argument(
        "--fit-from",
        type=int,
        metavar="K",
        default=1,
        help="lowest frequency of the fitted decay exponent (default: 1)",
    )


def run(arguments: argparse.Namespace) -> None:
    """Writes the spectrum and says what it found in one line.

    Raises:
        UserError: the file holds no such network, an option is out of its range, or the folder is
            not empty.
    """
    from spectral_bias.figures import style
    from spectral_bias.figures.files import write_pictures
    from spectral_bias.toolkit.output import new_folder
    from spectral_bias.toolkit.piecewise_linear import exact_spectrum_of
    from spectral_bias.toolkit.spectrum_panels import draw

    with new_folder(arguments.output) as folder:
        spectrum = exact_spectrum_of(
            arguments.network, arguments.max_frequency, arguments.interval, arguments.fit_from
        )
        spectrum.to_csv(folder / "spectrum.csv")
        spectrum.breakpoints_to_csv(folder / "breakpoints.csv")
        spectrum.to_json(folder / "spectrum.json")
        with style.look():
            write_pictures(folder / "spectrum", draw(spectrum))
    print(f"{_summary(spectrum)}: {arguments.output}")


def _summary(spectrum: "ExactSpectrum") -> str:
    start, end = spectrum.interval
    return (
        f"{len(spectrum.breakpoints)} breakpoints on [{start:g}, {end:g}]; "
        f"|f~(k)| <= C/k^2 with C = {spectrum.decay_constant:.4g} "
        f"(at most {spectrum.largest_constant:.4g} with weights of these magnitudes); "
        f"fitted exponent {spectrum.decay_exponent:.3f}"
    )
