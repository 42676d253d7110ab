"""`spectral-bias COMMAND …`, also as `python -m spectral_bias.commands COMMAND …`.

A command is a module with HELP, EXAMPLE, add_arguments(parser) and run(arguments). Only the one
that is asked for is imported, so that help comes at once.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import spectral_bias
from spectral_bias.errors import UserError, among, nearest

COMMANDS = {
    "measure": (
        "spectral_bias.commands.measure",
        "how fast a classifier's outputs vary along paths between images",
    ),
    "compare": (
        "spectral_bias.commands.compare",
        "which of several classifiers varies faster, and how sure that is",
    ),
    "noise-fitting": (
        "spectral_bias.commands.noise_fitting",
        "which frequencies of label noise a training takes up, and when",
    ),
    "spectrum": (
        "spectral_bias.commands.spectrum",
        "exact spectrum of a one-dimensional ReLU network, from its weights",
    ),
}
"""Module and one line of help for each command, in the order in which they are shown."""

DESCRIPTION = "Measures the spectral bias of neural networks: how fast they vary with their input."
_DEBUG = {"action": "store_true", "help": "show the traceback of an error"}
STOPPED = 130
"""Exit status of a program that Ctrl-C has ended, as shells give it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line.

    Args:
        argv: the words after `spectral-bias`; those of this process if None.

    Returns:
        The exit status: 0; 1 after an error; 2 for a command line that makes no sense; 130 after
        Ctrl-C. All but 0 leave one line on stderr, and no result.
    """
    words = sys.argv[1:] if argv is None else list(argv)
    try:
        given = _arguments(words)
        given.run(given)
    except SystemExit as done:  # argparse ends so after --help, --version and wrong usage
        return int(done.code or 0)
    except (Exception, KeyboardInterrupt) as problem:
        if "--debug" in words:
            raise
        print(_line(problem), file=sys.stderr)
        return STOPPED if isinstance(problem, KeyboardInterrupt) else 1
    return 0


def _line(problem: BaseException) -> str:
    """What the user is told, in one line."""
    match problem:
        case KeyboardInterrupt():
            return "stopped; nothing was written"
        case UserError():
            text = str(problem)
        case OSError(strerror=str(reason)):
            text = f"{problem.filename}: {reason}" if problem.filename else reason
        case _:
            said = ": ".join(filter(None, [type(problem).__name__, str(problem)]))
            text = f"{said}; --debug shows where"
    return "error: " + " ".join(text.split())


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with a command line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"error: {' '.join(message.split())}; see {self.prog} --help\n")


def _arguments(words: list[str]) -> argparse.Namespace:
    """The parsed command line; `run` is the function that carries it out."""
    name = next((word for word in words if not word.startswith("-")), None)
    parser = _Parser(
        prog="spectral-bias",
        description=DESCRIPTION,
        epilog="spectral-bias COMMAND --help explains a command and shows an example.",
        allow_abbrev=False,
    )
    version = f"%(prog)s {spectral_bias.__version__}"
    parser.add_argument("--version", action="version", version=version)
    parser.add_argument("--debug", **_DEBUG)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    asked = parser
    for known, (_, text) in COMMANDS.items():
        if known == name:
            asked = _add_command(commands, known)
        else:
            commands.add_parser(known, help=text)
    if name is not None and name not in COMMANDS:
        parser.error(f"no command {name!r}{among(name, COMMANDS)}")
    given, unknown = parser.parse_known_args(words)
    if unknown:
        options = re.findall(r"--[a-z][\w-]*", asked.format_help())
        near = nearest(unknown[0], options) if unknown[0].startswith("-") else ""
        asked.error(f"nothing is known of {' '.join(unknown)}{near}")
    return given


def _add_command(
    commands: "argparse._SubParsersAction[_Parser]", name: str
) -> argparse.ArgumentParser:
    """The parser of one command with all its options."""
    place, text = COMMANDS[name]
    module = import_module(place)
    parser = commands.add_parser(
        name,
        help=text,
        description=module.HELP[:1].upper() + module.HELP[1:] + ".",
        epilog=f"example:\n  {module.EXAMPLE.strip()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--debug", default=argparse.SUPPRESS, **_DEBUG)
    module.add_arguments(parser)
    parser.set_defaults(run=module.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
