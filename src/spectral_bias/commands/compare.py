"""`spectral-bias compare`: measured networks side by side, with their differences."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

HELP = "which of several classifiers varies faster, and how sure that is"
EXAMPLE = "spectral-bias compare plain augmented --out plain_and_augmented"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The measurements, and where results go."""
    parser.add_argument(
        "measurements",
        nargs="+",
        metavar="FOLDER",
        help="folders that measure has written, two or more",
    )
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        required=True,
        help="new folder: comparison.json, .png and .pdf, summary.csv, differences.csv",
    )


def run(arguments: argparse.Namespace) -> None:
    """Compares the measurements, writes the folder and prints the differences.

    Raises:
        UserError: a folder holds no measurement, or two cannot be compared.
    """
    from spectral_bias.toolkit.output import new_folder
    from spectral_bias.toolkit.paths.compare import compare
    from spectral_bias.toolkit.paths.measurement import Measurement

    measurements = [Measurement.read(folder) for folder in arguments.measurements]
    if len({one.name for one in measurements}) < len(measurements):
        folders = [Path(folder).resolve().name for folder in arguments.measurements]
        pairs = zip(measurements, folders, strict=True)
        measurements = [replace(one, name=folder) for one, folder in pairs]
    with new_folder(arguments.out) as folder:
        compared = compare(*measurements)
        compared.save(folder)
    print(compared)
    for note in compared.notes:
        print(f"note: {note}", file=sys.stderr)
    print(f"written to {arguments.out}")
