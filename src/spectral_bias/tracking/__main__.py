"""`python -m spectral_bias.tracking browse` shows all runs and figures in a browser."""

import argparse
import sys

from spectral_bias.tracking.browse import browse


def main() -> int:
    """Reads the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m spectral_bias.tracking", description=__doc__)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("browse", help="serve the tracking store on this machine")
    command.add_argument("--results", default="results", help="folder of all results")
    command.add_argument("--uri", help="another store, as in tracking.uri")
    command.add_argument("--port", type=int, default=5000, help="if taken, a free one is used")
    command.add_argument("--open", action="store_true", help="open the page in a browser")
    given = parser.parse_args()
    try:
        return browse(given.results, given.uri, given.port, given.open)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
