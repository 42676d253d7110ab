"""`spectral-bias spectrum NETWORK`: the exact spectrum of a one-dimensional ReLU network."""

import argparse

HELP = "exact spectrum of a one-dimensional ReLU network, from its weights"
EXAMPLE = "spectral-bias spectrum network.pt --interval -1 1 --out spectrum"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, what is wanted of it, and where results go."""
    parser.add_argument(
        "network",
        metavar="NETWORK",
        help="file with the weights of linear layers, first to last, between two of which a ReLU "
        "is taken to stand (.pt, .pth or .safetensors)",
    )
    parser.add_argument(
        "--unsafe-load",
        action="store_true",
        help="open a file that runs code when it is opened (a pickled network); only if you trust "
        "where it comes from",
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
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        required=True,
        help="new folder: spectrum.csv, .json, .png and .pdf, breakpoints.csv",
    )


def run(arguments: argparse.Namespace) -> None:
    """Writes the spectrum and says what it found in one line.

    Raises:
        UserError: the file holds no such network, an option is out of its range, or the folder is
            not empty; nothing is written then.
    """
    from spectral_bias.toolkit.exact.piecewise_linear import exact_spectrum_of
    from spectral_bias.toolkit.output import new_folder

    with new_folder(arguments.out) as folder:
        spectrum = exact_spectrum_of(
            arguments.network,
            arguments.max_frequency,
            arguments.interval,
            arguments.fit_from,
            arguments.unsafe_load,
        )
        spectrum.save(folder)
    print(spectrum)
    print(f"written to {arguments.out}")
