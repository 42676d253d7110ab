"""What the tests of `spectral-bias measure` share: a folder of images, a network, two ways out.

`measured` runs the command and wants a folder of results, `refused` one line and nothing else.
"""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from spectral_bias.commands.__main__ import main
from tests.unit.toolkit.measured_examples import again, image_folder, network_file, read, trained


@pytest.fixture
def images(tmp_path):
    """Three classes of six images each."""
    return image_folder(tmp_path / "images")


@pytest.fixture
def model(tmp_path):
    """A linear network in a Python file, as --model names it."""
    return f"{network_file(tmp_path)}:build"


@pytest.fixture
def words(tmp_path, images, model):
    """The command line; options given replace those here, and None leaves one out."""

    def words(**changes):
        options = {
            **{"model": model, "images": images, "normalise": "none", "pairs": 3, "points": 8},
            **{"out": tmp_path / "results" / "out"},
        } | changes
        line = ["measure"]
        for name, value in options.items():
            if value is None or value is False:
                continue
            values = value if isinstance(value, list) else [] if value is True else [value]
            line += [f"--{name.replace('_', '-')}", *map(str, values)]
        return line

    return words


@pytest.fixture(autouse=True)
def undrawn(request, monkeypatch):
    """Pictures take longer than all else; they are drawn for tests marked so by a fixture."""
    if "drawn" not in request.fixturenames:
        monkeypatch.setattr("spectral_bias.toolkit.paths.drawing.write_picture", _empty_picture)


@pytest.fixture
def drawn():
    """Pictures are drawn in this test."""


def _empty_picture(stem, measured):
    path = Path(stem).with_suffix(".png")
    path.write_bytes(b"")
    return path


@pytest.fixture
def measured(tmp_path, words, capsys):
    """`measured(points=9)` → measurement.json, and the notes on stderr."""

    def run(**changes):
        status = main(words(**changes))
        out, err = capsys.readouterr()
        assert status == 0, err
        folder = tmp_path / "results" / "out"
        assert str(folder / "measurement.html") in out
        notes = [line.removeprefix("note: ") for line in err.splitlines()]
        content = read(folder)
        assert content["notes"] == notes, "nothing but notes on stderr"
        return SimpleNamespace(folder=folder, json=content, notes=notes, out=out)

    return run


@pytest.fixture
def refused(tmp_path, words, capsys):
    """`refused(points=1)` → the one line, after the status and what is left were checked."""

    def run(status=1, **changes):
        before = sorted(tmp_path.rglob("*"))
        assert main(words(**changes)) == status
        out, err = capsys.readouterr()
        assert out == "" and err.count("\n") == 1 and err.startswith("error: "), err
        left = [path for path in tmp_path.rglob("*") if path not in before]
        assert [path for path in left if "__pycache__" not in path.parts] == []
        return err.removeprefix("error: ").removesuffix("\n")

    return run


@pytest.fixture
def wanted(tmp_path, measured):
    """The numbers of `trained()` from its plain state dict."""
    torch.save(trained().state_dict(), tmp_path / "plain.pt")
    return again(measured(checkpoint=tmp_path / "plain.pt"))
