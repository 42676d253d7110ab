"""What is written comes back; nothing is ever half-written."""

import numpy as np
import pandas as pd
import pytest
import torch

from spectral_bias import artefacts


def test_arrays_come_back_with_their_facts(tmp_path):
    path = tmp_path / "deep" / "file.npz"
    arrays = {"a": np.arange(6).reshape(2, 3), "b": np.array([0.1, np.nan])}
    artefacts.write_arrays(path, arrays, {"k": [1, None]})
    back, meta = artefacts.read_arrays(path)
    assert meta == {"k": [1, None]}
    np.testing.assert_array_equal(back["a"], arrays["a"])
    np.testing.assert_array_equal(back["b"], arrays["b"])


def test_tables_and_their_facts_come_back(tmp_path):
    table = pd.DataFrame({"k": [1, 2], "mse": [0.5, 1e-9]})
    artefacts.write_table(tmp_path / "t.csv", table, {"sources": ["x"]})
    pd.testing.assert_frame_equal(artefacts.read_table(tmp_path / "t.csv"), table)
    assert artefacts.read_meta(tmp_path / "t.csv") == {"sources": ["x"]}


def test_tensors_come_back(tmp_path):
    tensors = {"parameters": torch.randn(2, 5)}
    artefacts.write_tensors(tmp_path / "m.safetensors", tensors, {"run_key": "abc"})
    assert torch.equal(
        artefacts.read_tensors(tmp_path / "m.safetensors")["parameters"], tensors["parameters"]
    )


def test_a_failed_write_leaves_the_old_file_and_no_rest(tmp_path):
    path = tmp_path / "x.json"
    artefacts.write_json(path, {"old": 1})
    with pytest.raises(ValueError, match="JSON"):
        artefacts.write_json(path, {"new": float("nan")})
    assert artefacts.read_json(path) == {"old": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["x.json"]
