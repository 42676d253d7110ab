"""Arrays as users save them, and what is said of those that are something else."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from spectral_bias.errors import UserError
from spectral_bias.toolkit.noise.saved_arrays import (
    natural_order,
    read_array,
    read_labels,
    read_logits,
)

LOGITS = np.random.default_rng(0).standard_normal((3, 5, 4)).astype(np.float32)
EVEN = np.full((5, 4), 0.25)


def saved(folder, suffix, values):
    path = folder / f"a{suffix}"
    match suffix:
        case ".npy":
            np.save(path, values)
        case ".npz":
            np.savez(path, logits=values, other=np.zeros(2))
        case ".pt":
            torch.save(torch.tensor(values), path)
        case ".pth":
            torch.save({"logits": torch.tensor(values), "epoch": 3}, path)
        case ".safetensors":
            save_file({"logits": torch.tensor(values)}, path)
    return path


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".pt", ".pth", ".safetensors"])
def test_logits_of_every_type_of_file(tmp_path, suffix):
    several = saved(tmp_path, suffix, LOGITS)
    found = list(read_logits([several]))
    assert [place for place, _ in found] == [f"{several}: epoch {n}" for n in (1, 2, 3)]
    for (_, values), expected in zip(found, LOGITS, strict=True):
        assert np.array_equal(values, expected) and values.flags.writeable
    one = saved(tmp_path, suffix, LOGITS[1])
    ((place, values),) = read_logits([one])
    assert place == str(one) and np.array_equal(values, LOGITS[1])


def test_files_come_in_the_order_of_their_numbers():
    given = ["b/epoch_10.npy", "b/epoch_9.npy", "a/epoch_11.npy", "b/epoch_9.5.npy"]
    found = [str(path) for path in natural_order(given)]
    assert found == ["a/epoch_11.npy", "b/epoch_9.5.npy", "b/epoch_9.npy", "b/epoch_10.npy"]


def test_bfloat16_is_read(tmp_path):
    torch.save(torch.tensor(LOGITS[0]).bfloat16(), tmp_path / "a.pt")
    ((_, values),) = read_logits([tmp_path / "a.pt"])
    assert values.dtype == np.float32 and np.allclose(values, LOGITS[0], atol=0.02)


def test_probabilities_become_logits_of_the_same_softmax(tmp_path):
    p = torch.tensor(LOGITS[0]).softmax(1).numpy()
    p[0] = [1, 0, 0, 0]
    ((_, values),) = read_logits([saved(tmp_path, ".npy", p)], "probabilities")
    assert np.isfinite(values).all()
    assert np.allclose(torch.tensor(values).softmax(1), p, atol=1e-6)


@pytest.mark.parametrize(
    ("values", "outputs", "said"),
    [
        (LOGITS[0, 0], "logits", "has the shape (4,); give logits (M, K) of M images and K class"),
        (LOGITS[:, :, :1], "logits", "has the shape (3, 5, 1); give logits"),
        (LOGITS * np.nan, "logits", "epoch 1: 20 of 20 numbers are not finite; leave out epochs"),
        (EVEN, "logits", "holds probabilities: no number is negative, and all rows have the sum 1"),
        (LOGITS, "probabilities", "epoch 1: holds no probabilities, which are not negative"),
    ],
)
def test_numbers_that_are_something_else_are_refused(tmp_path, values, outputs, said):
    path = saved(tmp_path, ".npy", values)
    with pytest.raises(UserError) as error:
        list(read_logits([path], outputs))
    assert str(error.value).startswith(f"{path}: {said}")


def test_files_that_do_not_belong_together_are_refused(tmp_path):
    first, other = tmp_path / "1.npy", tmp_path / "2.npy"
    np.save(first, LOGITS[0])
    np.save(other, LOGITS[0, :4])
    with pytest.raises(UserError) as error:
        list(read_logits([first, other]))
    assert str(error.value) == (
        f"{other}: holds logits of (images, classes) = (4, 4), the first file of (5, 4); give the "
        "same images and classes"
    )
    with pytest.raises(UserError, match=r"^--outputs: 'logit' is unknown; did you mean 'logits'"):
        list(read_logits([first], "logit"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "2\n0\n1\n"),
        ("a.csv", "label\n2\n0\n1\n"),
        ("b.csv", "file,label\nx.png,2\ny.png,0\nz.png,1\n"),
    ],
)
def test_labels_of_a_text(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    assert read_labels(tmp_path / name).tolist() == [2, 0, 1]


def test_labels_of_an_array(tmp_path):
    np.save(tmp_path / "a.npy", np.array([[2.0], [0.0], [1.0]]))
    assert read_labels(tmp_path / "a.npy").tolist() == [2, 0, 1]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "label\ncat\ndog\n", "holds no labels; give one whole number for each image"),
        ("a.csv", "label\n0.5\n1\n", "holds no labels"),
        (
            "a.csv",
            "name,class\na,1\n",
            "holds no 'labels'; did you mean 'class'; known: ",
        ),
        ("a.csv", "", "cannot be read (No columns to parse from file); save the array anew"),
        ("a.txt", "zero\n", "cannot be read (could not convert string 'zero'"),
        ("a.npy", "no array", "cannot be read ("),
        ("a.pt", "no tensor", "cannot be read ("),
        ("a.json", "[]", "is of an unknown type; give one of .npy, .npz, .pt"),
    ],
)
def test_files_that_cannot_be_used_are_refused(tmp_path, name, content, said):
    (tmp_path / name).write_text(content)
    with pytest.raises(UserError) as error:
        read_labels(tmp_path / name)
    assert str(error.value).startswith(f"{tmp_path / name}: {said}")
    assert "\n" not in str(error.value)


def test_what_is_not_there_or_no_array_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"/a\.npy: no such file$"):
        read_array(tmp_path / "a.npy", ("x",))
    torch.save([1, 2], tmp_path / "a.pt")
    with pytest.raises(UserError, match=r"a\.pt: holds list instead of an array; save one alone$"):
        read_array(tmp_path / "a.pt", ("x",))
