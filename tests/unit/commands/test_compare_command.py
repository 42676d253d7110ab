"""`spectral-bias compare` from folders of measurements to one of differences."""

import json

import pytest

from spectral_bias import measure
from spectral_bias.commands.__main__ import main
from tests.unit.toolkit.measured_examples import linear_network, random_images


@pytest.fixture
def folders(tmp_path):
    """Two measurements of the same paths, and one with other points."""
    made = []
    for name, points in (("plain", 12), ("steep", 12), ("other", 16)):
        network = linear_network()
        if name == "steep":
            network[1].weight.data *= 3
        folder = tmp_path / "measured" / name
        folder.mkdir(parents=True)
        measure(network, random_images(4), pairs=6, points=points, name="net").save(folder)
        made.append(str(folder))
    return made


def test_differences_of_two_that_are_called_alike(folders, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["compare", *folders[:2], "--out", str(out)]) == 0
    printed, errors = capsys.readouterr()
    assert errors == "" and printed.endswith(f"written to {out}\n")
    assert printed.startswith("steep - plain, within, high-frequency fraction, raw: +")
    content = json.loads((out / "comparison.json").read_text())
    assert content["models"] == ["plain", "steep"] and content["notes"] == []
    varied = next(row for row in content["differences"] if row["quantity"] == "total_variation")
    assert varied["difference"] > 0 and varied["by"] == "same paths"


def refused(words, capsys, tmp_path, status=1):
    before = sorted(tmp_path.rglob("*"))
    assert main(["compare", *words]) == status
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("error: ") and err.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before
    return err.removeprefix("error: ").strip()


def test_what_cannot_be_compared(folders, tmp_path, capsys):
    plain, steep, other = folders
    out = ["--out", str(tmp_path / "out")]
    said = refused([plain, *out], capsys, tmp_path)
    assert said == "compare: give two measurements or more"
    said = refused([plain, other, *out], capsys, tmp_path)
    assert said.startswith("compare: plain was measured with n_samples=12 and other with 16")
    said = refused([plain, str(tmp_path), *out], capsys, tmp_path)
    assert said.endswith("holds no measurement.json; name a folder that measure has written")
    said = refused([plain, steep, "--out", plain], capsys, tmp_path)
    assert said.endswith("is a folder that is not empty; name a new folder for the results")
    said = refused([plain, steep], capsys, tmp_path, status=2)
    assert said.startswith("the following arguments are required: --out")
