"""What `spectral-bias` answers, whatever a command does: one line, and an exit status."""

import errno
import os
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

import spectral_bias
from spectral_bias.commands.__main__ import COMMANDS, main
from spectral_bias.errors import UserError
from spectral_bias.toolkit.output import new_folder

ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(spectral_bias.__file__).parents[1])}


@pytest.fixture
def command(monkeypatch):
    """`command(run)` makes `spectral-bias act OUT [--size N]` call `run`."""

    def add_arguments(parser):
        parser.add_argument("out")
        parser.add_argument("--size", type=int)

    def provide(run):
        module = SimpleNamespace(
            HELP="what it does", EXAMPLE="act", add_arguments=add_arguments, run=run
        )
        monkeypatch.setitem(sys.modules, "stand_in", module)
        monkeypatch.setitem(COMMANDS, "act", ("stand_in", "what it does"))

    return provide


def writing_then(problem):
    """A command that raises `problem` when half of its files are written."""

    def run(arguments):
        with new_folder(arguments.out) as folder:
            (folder / "half.csv").write_text("1")
            raise problem

    return run


def test_a_command_gets_its_arguments(command, capsys):
    command(lambda arguments: print(arguments.out, arguments.size))
    assert main(["act", "here", "--size", "3"]) == 0
    assert capsys.readouterr() == ("here 3\n", "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "the following arguments are required: COMMAND; see spectral-bias --help"),
        (
            ["acts"],
            "no command 'acts'; did you mean 'act'; known: measure, compare, noise-fitting, "
            "spectrum, act; see spectral-bias --help",
        ),
        (
            ["act"],
            "the following arguments are required: out; see spectral-bias act --help",
        ),
        (
            ["act", "here", "--sise", "3"],
            "nothing is known of --sise 3; did you mean '--size'; see spectral-bias act --help",
        ),
        (
            ["act", "here", "--size", "x"],
            "argument --size: invalid int value: 'x'; see spectral-bias act --help",
        ),
        (["--versoin"], "the following arguments are required: COMMAND; see spectral-bias --help"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(command, capsys, words, said):
    command(lambda arguments: pytest.fail("must not run"))
    assert main(words) == 2
    assert capsys.readouterr() == ("", f"error: {said}\n")


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (UserError("a.csv: is empty;\n write something"), "a.csv: is empty; write something"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (PermissionError(errno.EACCES, "Permission denied", "/a"), "/a: Permission denied"),
        (OSError("cannot identify image"), "OSError: cannot identify image; --debug shows where"),
        (TypeError("what\nnow"), "TypeError: what now; --debug shows where"),
        (MemoryError(), "MemoryError; --debug shows where"),
    ],
)
def test_an_error_is_one_line_and_leaves_nothing(command, capsys, tmp_path, problem, said):
    command(writing_then(problem))
    assert main(["act", str(tmp_path / "out")]) == 1
    assert capsys.readouterr() == ("", f"error: {said}\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["--debug", "act"], ["act", "--debug"]])
def test_debug_shows_the_traceback(command, tmp_path, words):
    command(writing_then(UserError("no")))
    with pytest.raises(UserError, match="no"):
        main([*words, str(tmp_path / "out")])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(command, capsys, tmp_path):
    tmp_path.chmod(0o500)
    command(writing_then(UserError("must not be reached")))
    assert main(["act", str(tmp_path / "out")]) == 1
    reason = "cannot be made (Permission denied); name a folder where you may write"
    assert capsys.readouterr().err == f"error: {tmp_path / 'out'}: {reason}\n"
    tmp_path.chmod(0o700)


WAITING = """
import signal, sys, time
from types import SimpleNamespace
from spectral_bias.commands.__main__ import COMMANDS, main
from spectral_bias.toolkit.output import new_folder

def run(arguments):
    with new_folder("out") as folder:
        (folder / "half.csv").write_text("1")
        print("begun", flush=True)
        time.sleep(60)

# Programs that shells start in the background ignore Ctrl-C, and so would this one then.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.modules["waiting"] = SimpleNamespace(
    HELP="waits", EXAMPLE="wait", add_arguments=lambda parser: None, run=run
)
COMMANDS["wait"] = ("waiting", "waits")
sys.exit(main(["wait"]))
"""


def test_ctrl_c_leaves_nothing(tmp_path):
    options = {"cwd": tmp_path, "env": ENVIRONMENT, "text": True}
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "stopped; nothing was written\n")
    assert list(tmp_path.iterdir()) == []


def test_help_names_every_command(capsys):
    assert main(["--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for name, (_, text) in COMMANDS.items():
        assert name in shown and text in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_explains_and_shows_an_example(capsys, name):
    module, text = COMMANDS[name]
    assert text == import_module(module).HELP
    assert main([name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"example:\n  spectral-bias {name} " in shown


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"spectral-bias {spectral_bias.__version__}\n"


def test_help_is_quick_and_needs_no_torch():
    program = (
        "import sys; from spectral_bias.commands.__main__ import main; main(['--help']);"
        "sys.exit(bool({'torch', 'numpy', 'pandas', 'matplotlib'} & sys.modules.keys()))"
    )
    spent = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", program], env=ENVIRONMENT, check=True, stdout=subprocess.DEVNULL
        )
        spent.append(time.perf_counter() - start)
    assert min(spent) < 0.3
