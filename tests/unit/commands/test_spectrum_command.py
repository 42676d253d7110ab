"""`spectral-bias spectrum` from a file to a folder of results."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

from spectral_bias.commands.__main__ import main
from spectral_bias.models.mlp import mlp
from spectral_bias.toolkit.exact.piecewise_linear import exact_spectrum_of


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "network.pt"
    torch.save(mlp(1, 8, 3, 0).state_dict(), path)
    return path


def test_a_file_becomes_a_folder_of_results(file, tmp_path, capsys):
    out = tmp_path / "out"
    options = ["--interval", "-1", "2", "--max-frequency", "50", "--fit-from", "10"]
    assert main(["spectrum", str(file), "--out", str(out), *options]) == 0
    wanted = exact_spectrum_of(file, 50, (-1, 2), fit_from=10)
    assert {path.name for path in out.iterdir() if path.is_file()} == {
        *("spectrum.csv", "spectrum.json", "spectrum.png", "spectrum.pdf", "breakpoints.csv")
    }
    amplitudes = pd.read_csv(out / "spectrum.csv")["amplitude"]
    np.testing.assert_allclose(amplitudes, wanted.amplitudes)
    facts = json.loads((out / "spectrum.json").read_text())
    assert facts["interval"] == [-1, 2] and facts["fit_from"] == 10
    assert (out / "spectrum.png").read_bytes().startswith(b"\x89PNG")
    printed, errors = capsys.readouterr()
    assert errors == "" and printed.count("\n") == 2
    assert printed.startswith(f"{len(wanted.breakpoints)} breakpoints on [-1, 2]; ")
    assert f"falls as k^{wanted.decay_exponent:.3f} from k = 10 to 50\n" in printed
    assert printed.endswith(f"\nwritten to {out}\n")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--interval", "2", "1"], "interval: from 2 to 1; give two numbers, the smaller first"),
        (["--max-frequency", "-3"], "max_frequency: -3; give a positive integer, such as 200"),
        (["--fit-from", "0"], "fit_from: 0 is not between 1 and max_frequency, 200"),
    ],
)
def test_an_error_leaves_no_folder(file, tmp_path, capsys, options, said):
    assert main(["spectrum", str(file), "--out", str(tmp_path / "out"), *options]) == 1
    assert capsys.readouterr() == ("", f"error: {said}\n")
    assert [path.name for path in tmp_path.iterdir()] == ["network.pt"]


def test_results_are_not_overwritten(file, tmp_path, capsys):
    assert main(["spectrum", str(file), "--out", str(tmp_path)]) == 1
    assert "is a folder that is not empty; name a new folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["network.pt"]
