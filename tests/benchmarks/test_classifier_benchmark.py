"""The comparison of classifier training at a toy size: what it reports, not how fast it is."""

import json

import numpy as np
import pytest
import torch

from spectral_bias.cost.text import measured_tflops
from spectral_bias.cost.training import forward_flop
from spectral_bias.data.patches import patches
from tests.benchmarks import classifier
from tests.benchmarks.classifier import Case, Ours, Photographs, Plain, square_cut_out, wide_resnet

TOY = Case("toy", wide_resnet(10, 4, 4), 10, 40, "cpu", ("float32",), (0,))


@pytest.fixture(scope="module", autouse=True)
def quick():
    """Products of small matrices; PyTorch's threads as before, afterwards."""
    threads = torch.get_num_threads()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(classifier, "SQUARE", {"cpu": 64})
        patch.setattr(classifier, "SECONDS", 0.01)
        yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def result(quick):
    return classifier.run([TOY], 1, 2, lambda line: None)


def test_every_way_is_measured(result):
    assert [row["way"] for row in result["throughput"]] == ["plain, 0 workers", "ours"]
    for row in result["throughput"]:
        spread = row["images_per_second"]
        assert 0 < spread["minimum"] <= spread["median"] <= spread["maximum"]


def test_derived_numbers_follow_from_the_medians(result):
    plain, ours = (row["images_per_second"]["median"] for row in result["throughput"])
    assert [row["speed_up"] for row in result["throughput"]] == [1, pytest.approx(ours / plain)]
    (use,) = result["utilisation"]
    assert use["tflops"] == pytest.approx(3 * forward_flop(TOY.network, 32) * ours / 1e12)
    assert use["share_of_product"] == pytest.approx(use["tflops"] / use["product_tflops"])


def test_the_table_shows_every_way_and_the_plan_reads_the_file(result, tmp_path):
    text = classifier.table(result)
    assert "plain, 0 workers" in text and "ours" in text and "TFLOP/s" in text
    path = tmp_path / "classifier.json"
    path.write_text(json.dumps(result))
    assert measured_tflops(path) == {}  # measured on a CPU
    for row in result["utilisation"]:
        on_gpu = row | {"device": "cuda"}
    path.write_text(json.dumps(result | {"utilisation": [on_gpu]}))
    assert measured_tflops(path) == {"float32": on_gpu["tflops"]}


def test_both_ways_train_the_network():
    images = patches(40, 10, 32, seed=0)
    for way in (Plain(TOY, images, "float32", 0), Ours(TOY, images, "float32")):
        before = [p.detach().clone() for p in way.network.parameters()]
        assert way.measure() > 0
        after = list(way.network.parameters())
        assert all((a != b).any() for a, b in zip(after, before, strict=True))


def test_the_plain_way_sees_normalised_images_with_a_hole():
    images = patches(40, 10, 32, seed=0)
    x = torch.stack([photograph for photograph, _ in Photographs(images)])
    assert x.shape == (40, 3, 32, 32)
    share = (x == 0).all(dim=1).float().mean(dim=(1, 2))
    # A square of 16 x 16 of 32 x 32 pixels, cut off at the border; the crop adds black, not zeros.
    assert share.min() >= 0.06 and share.max() <= 0.26
    ones = square_cut_out(torch.ones(3, 32, 32))
    rows = np.flatnonzero((ones[0] == 0).any(dim=1))
    assert 8 <= len(rows) <= 16


def test_the_command_writes_its_results(tmp_path, monkeypatch, capsys):
    path = tmp_path / "new" / "classifier.json"
    monkeypatch.setattr(classifier, "cases", lambda threads: [TOY])
    monkeypatch.setattr("sys.argv", ["classifier", str(path), "--rounds", "1", "--threads", "1"])
    classifier.main()
    assert path.exists() and "written to" in capsys.readouterr().out
