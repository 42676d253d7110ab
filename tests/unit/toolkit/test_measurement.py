"""A measurement as files, as a page and as pictures."""

import json
import re
import shutil

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from spectral_bias import Measurement, UserError, measure
from spectral_bias.toolkit.paths.cloud import MEAN, STD
from tests.unit.toolkit.measured_examples import linear_network, random_images

FILES = {"measurement.json", "measurement.html", "measurement.png", "measurement.pdf"}
TABLES = {"paths.csv", "spectra.csv"}


@pytest.fixture(scope="module")
def measured():
    facts = {"network": {"model": "<b>bold</b> & co"}}
    return measure(linear_network(), random_images(8), pairs=9, points=24, name="m<1>", facts=facts)


@pytest.fixture(scope="module")
def folder(measured, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    measured.save(folder)
    return folder


def test_all_files_are_written(folder):
    assert {path.name for path in folder.iterdir()} == FILES | TABLES


def require_equal(found, wanted):
    for name in ("paths", "spectra"):  # six digits
        pd.testing.assert_frame_equal(getattr(found, name), getattr(wanted, name), rtol=1e-5)
    for name in ("summary", "published"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(wanted, name), rtol=1e-12)
    assert found.facts == wanted.facts
    assert (found.name, found.notes) == (wanted.name, wanted.notes)
    assert found.sentences() == wanted.sentences() and str(found) == str(wanted)


def test_what_was_written_is_read_again(folder, measured):
    require_equal(Measurement.read(folder), measured)


@pytest.mark.parametrize("names", [["01", "null", "NA"], ["1", "2", "3"], ["a,b", 'c"d', "é ü"]])
def test_classes_of_any_name_are_read_again(tmp_path, names):
    data = torch.utils.data.TensorDataset(*random_images(4))
    data.classes = names
    found = measure(linear_network(), data, pairs=3, points=8, kinds=["between"])
    found.to_json(tmp_path / "measurement.json")
    found.to_csv(tmp_path)
    again = Measurement.read(tmp_path)
    require_equal(again, found)
    assert {*again.paths["class_a"], *again.paths["class_b"]} == set(names)


def test_one_class_has_no_intervals_over_classes_before_and_after(tmp_path):
    found = measure(linear_network(), random_images(6), classes=1, kinds=["within"], points=8)
    assert found.summary["class_ci_low"].isna().all() and found.summary["ci_low"].notna().any()
    found.save(tmp_path)
    require_equal(Measurement.read(tmp_path), found)


def test_values_by_name(measured):
    mean = measured.paths.groupby("kind")["total_variation"].mean()
    assert measured.value("total_variation", "between") == pytest.approx(mean["between"])
    with pytest.raises(KeyError, match="hann, within: the summary has no such row"):
        measured.value("hann", "within")


def damaged(file, content):
    def damage(folder):
        if content is None:
            (folder / file).unlink()
        else:
            (folder / file).write_text(content)

    return damage


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (
            damaged("measurement.json", None),
            "holds no measurement.json; name a folder that measure",
        ),
        (damaged("paths.csv", None), "holds no paths.csv; name a folder that measure has written"),
        (
            damaged("measurement.json", "{"),
            "its files are damaged or of another version (JSONDecodeError: ",
        ),
        (damaged("measurement.json", "[]"), "its files are damaged or of another version ("),
        (
            damaged("measurement.json", '{"name": 1}'),
            "its files are damaged or of another version (KeyError: ",
        ),
        (damaged("measurement.json", '{"format": 2}'), "(ValueError: is not of format 1); measure"),
        (damaged("paths.csv", ""), "version (EmptyDataError: "),
        (damaged("paths.csv", "kind\nwithin\n"), "its paths.csv lacks class_a, class_b, image"),
    ],
)
def test_folders_that_hold_no_measurement(folder, tmp_path, damage, said):
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    damage(copy)
    with pytest.raises(UserError) as caught:
        Measurement.read(copy)
    assert str(caught.value).startswith(f"{copy}: ") and said in str(caught.value)
    with pytest.raises(UserError, match=r"holds no measurement\.json"):
        Measurement.read(tmp_path / "gone")


def test_the_page_is_one_file_without_outside_links(folder, measured):
    page = (folder / "measurement.html").read_text()
    links = re.findall(r"""(?:src|href|url|@import)\s*[=(]?\s*["']?([^"'\s)>]*)""", page)
    assert links and all(link.startswith("data:image/png;base64,") for link in links)
    assert not re.findall(r"https?://|<script|<link", page)
    assert "m&lt;1&gt;" in page and "<b>bold" not in page and "&lt;b&gt;bold" in page
    for row in measured.summary.itertuples():
        assert f"{row.value:.4f}" in page
    for text in (*measured.notes, *(sentence[1:] for sentence in measured.sentences())):
        assert text.replace("'", "&#39;") in page
    assert "Not shown, for the published networks were measured otherwise: images have" in page


def test_pictures_show_something(folder):
    with Image.open(folder / "measurement.png") as image:
        pixels = np.asarray(image.convert("L"))
    assert min(pixels.shape) > 300 and 0.02 < (pixels < 200).mean() < 0.9
    assert (folder / "measurement.pdf").read_bytes().startswith(b"%PDF")


def test_plot_draws_spectra_into_axes_of_ones_own(measured):
    figure, axes = plt.subplots()
    assert measured.plot(axes, "mine") is axes
    lines = {line.get_label(): line for line in axes.get_lines()}
    assert set(lines) == {"mine, within", "mine, between"}
    own = measured.spectra[measured.spectra["kind"] == "within"]
    np.testing.assert_allclose(lines["mine, within"].get_ydata(), own["magnitude"])
    plt.close(figure)


def test_json_is_strict(folder):
    def refuse(constant):
        pytest.fail(f"{constant} is no JSON")

    content = json.loads((folder / "measurement.json").read_text(), parse_constant=refuse)
    assert content["format"] == 1 and content["cost"]["points"] == 18 * 25


def test_a_network_like_the_published_ones_stands_among_them(tmp_path):
    x, labels = random_images(4, 10, (3, 32, 32))
    x[:, 0, 0, 0] = 9.0 * labels  # known to the network, but for some

    def network(x):
        far = (x[:, :1, 0, 0] / 9 - torch.arange(10.0)) ** 2
        return -8 * far + 6 * x.flatten(1)[:, 1:11]

    found = measure(network, (x, labels), pairs=10, normalisation=(MEAN, STD))
    accuracy = found.facts["accuracy"]["value"]
    assert 0 < accuracy < 1 and found.facts["cloud"] == []
    assert found.published["kind"].tolist() == ["within", "between"]
    assert found.published["test_accuracy"].tolist() == [accuracy] * 2
    raw = [found.value("high_frequency_fraction", kind) for kind in ("within", "between")]
    assert found.published["fraction"].tolist() == pytest.approx(raw)
    found.save(tmp_path)
    page = (tmp_path / "measurement.html").read_text()
    assert "Not shown" not in page and "expected at this accuracy" in page
    require_equal(Measurement.read(tmp_path), found)
