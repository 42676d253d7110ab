"""Networks whose outputs cannot be measured, by the command and in Python, and some that can be."""

import numpy as np
import pandas as pd
import pytest
import torch

from spectral_bias import UserError, measure
from tests.unit.toolkit.measured_examples import NETWORK_FILE, random_images

CLASS = """
class Given(nn.Module):
    def __init__(self, num_classes=3):
        super().__init__()
        self.inner = build(num_classes)
        self.dropout = nn.Dropout()
        self.batch_norm = nn.BatchNorm1d(num_classes, track_running_stats=False)
        self.running = nn.BatchNorm1d(num_classes)
    def forward(self, x):
        y = self.inner(x)
        return RETURNED
class Wrapped:
    def __init__(self, logits):
        self.logits = logits
"""


def text_of(returned):
    return (NETWORK_FILE + CLASS).replace("RETURNED", returned)


def network_of(returned):
    names = {"__name__": "given"}
    exec(text_of(returned), names)
    return names["Given"]()


SHAPES = "not (images, classes) with two classes or more"
TENSOR = "not a tensor of shape (images, classes); wrap it so that it returns its logits"
BAD = {
    "one number": ("y[:, 0]", f"network: gives outputs of shape (6,) for 6 images, {SHAPES}"),
    "one column": (
        "y[:, :1]",
        f"network: gives outputs of shape (6, 1) for 6 images, {SHAPES}; of two classes give the "
        "logits of both",
    ),
    "a picture": (
        "y[:, :, None, None]",
        f"network: gives outputs of shape (6, 3, 1, 1) for 6 images, {SHAPES}",
    ),
    "another batch": ("y[:1]", f"network: gives outputs of shape (1, 3) for 6 images, {SHAPES}"),
    "a tuple": ("(y, y)", f"network: returns tuple, {TENSOR}"),
    "a dict": ("{'out': y}", f"network: returns dict, {TENSOR}"),
    "nothing": ("None", f"network: returns NoneType, {TENSOR}"),
    "NaN": (
        "y * torch.nan",
        "network: its outputs are not finite (NaN or infinite) on the first images; check its "
        "parameters and how images are normalised",
    ),
    "infinite": ("y + torch.inf", "network: its outputs are not finite (NaN or infinite) on the f"),
    "dropout": (
        "nn.functional.dropout(y, 0.5, training=True)",
        "network: gives the same images other answers the second time: something random, such as "
        "dropout, works in it; export it in evaluation mode",
    ),
    "batch statistics": (
        "self.batch_norm(y)",
        "network: gives an image another answer alone than among others, or none: a batch "
        "normalisation uses the statistics of the batch; export it in evaluation mode, or give it "
        "running statistics (",
    ),
    "mean over the batch": (
        "y - y.mean(0)",
        "network: gives an image another answer alone than among others, or none: a batch norm",
    ),
    "probabilities": (
        "y.softmax(1)",
        "network: its outputs are probabilities (none below 0, each row sums to 1), not logits; a "
        "softmax over them would hide nearly all of the spectrum; say outputs=probabilities, or "
        "leave out its last softmax",
    ),
    "an error": ("y @ torch.ones(7, 7)", "network: fails on images of 3×6×6 numbers (mat1 and mat"),
}


@pytest.mark.parametrize(("returned", "said"), BAD.values(), ids=BAD.keys())
def test_outputs_that_cannot_be_measured(tmp_path, refused, returned, said):
    file = tmp_path / "given.py"
    file.write_text(text_of(returned))
    line = refused(model=f"{file}:Given", kinds="within")
    assert line.startswith(said)
    with pytest.raises(UserError) as caught:
        measure(network_of(returned), random_images(2), pairs=3, kinds=["within"], points=8)
    assert " ".join(str(caught.value).split()) == line


def test_nan_along_the_paths_alone(tmp_path, refused):
    # The first images are finite, and so are all whose first value is that of a whole pixel.
    returned = "torch.where(((x[:, :1, 0, 0] * 255) % 1 - 0.5).abs() < 0.3, torch.nan, y)"
    file = tmp_path / "given.py"
    file.write_text(text_of(returned))
    line = refused(model=f"{file}:Given", points=64)
    assert line.startswith("network: its outputs are not finite (NaN or infinite) on 6 of 6 paths")


def test_nan_at_a_far_end_alone():
    x, labels = random_images(20, 2)
    first = measure(network_of("y"), (x, labels), pairs=8, points=8)
    far = first.paths["image_b"].iloc[-1]
    value = float(x[int(far), 0, 0, 0])
    bad = f"torch.where((x[:, :1, 0, 0] - {value}).abs() < 1e-6, torch.nan, y)"
    ends = first.paths[["image_a", "image_b"]]
    touched = int((ends == far).any(axis=1).sum())
    assert not (ends["image_a"] == far).any(), "it is the far end of all of its paths"
    with pytest.raises(
        UserError, match=rf"not finite \(NaN or infinite\) on {touched} of 16 paths"
    ):
        measure(network_of(bad), (x, labels), pairs=8, points=8)


GOOD = {
    "an object with logits": "Wrapped(y)",
    "log-probabilities": "y.log_softmax(1)",
    "shifted": "y + 5",
    "masked": "torch.cat([y, torch.full((len(y), 1), -torch.inf)], 1)",
    "double": "y.double()",
}


def numbers(measurement):
    return measurement.paths.select_dtypes("number")


@pytest.mark.parametrize("returned", GOOD.values(), ids=GOOD.keys())
def test_outputs_that_are_logits_in_other_guises(returned):
    images = random_images(4)
    wanted = numbers(measure(network_of("y"), images, pairs=6, points=24))
    found = measure(network_of(returned), images, pairs=6, points=24, output_of_class=True)
    if returned.startswith("torch.cat"):  # one class more has a third of the mean's weight
        assert np.isfinite(numbers(found)).all(axis=None)
        found, wanted = (t[["total_variation", "end_jump"]] for t in (numbers(found), wanted))
        pd.testing.assert_frame_equal(found, wanted, atol=1e-6, rtol=0)
    else:
        pd.testing.assert_frame_equal(numbers(found), wanted, atol=1e-6, rtol=1e-6)


def test_probabilities_that_are_said_to_be_such_give_the_numbers_of_their_logits():
    images = random_images(4)
    for scale in (1, 30):  # also where some are as small as 1e-30
        logits = measure(network_of(f"{scale} * y"), images, pairs=6, points=24)
        given = measure(
            network_of(f"({scale} * y).softmax(1)"), images, pairs=6, points=24,
            outputs="probabilities",
        )  # fmt: skip
        pd.testing.assert_frame_equal(numbers(given), numbers(logits), atol=1e-6, rtol=0)


def test_the_command_takes_probabilities(tmp_path, measured, refused):
    file = tmp_path / "given.py"
    file.write_text(text_of("y.softmax(1)"))
    assert refused(outputs="probabilities") == (
        "outputs: probabilities are said to come, but the network's rows are below 0 or do not sum "
        "to 1; say outputs=logits"
    )
    found = measured(model=f"{file}:Given", outputs="probabilities")
    assert found.json["sampling"]["outputs"] == "probabilities"


def test_a_network_in_training_mode_is_measured_in_evaluation_mode():
    """Also one part of which was frozen, whose mode comes back as it was."""
    images = random_images(4)
    network = network_of("self.running(self.dropout(y))")
    network(images[0])  # running statistics other than 0 and 1
    network.eval()
    wanted = measure(network, images, pairs=6, points=24)
    network.train()
    network.running.eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    found = measure(network, images, pairs=6, points=24)
    pd.testing.assert_frame_equal(found.paths, wanted.paths, check_exact=True)
    pd.testing.assert_frame_equal(found.spectra, wanted.spectra, check_exact=True)
    assert network.training and network.dropout.training and not network.running.training
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert all(tensor.grad is None for tensor in network.parameters())
    said = "The network was in training mode; it was measured in evaluation mode."
    assert said in found.notes and said not in wanted.notes


@pytest.mark.parametrize("problem", [RuntimeError, KeyboardInterrupt])
def test_the_mode_comes_back_after_an_error_too(problem):
    network = network_of("y")
    calls = []

    def fail(module, given):
        calls.append(len(given[0]))
        if len(calls) > 4:
            raise problem("midway")

    handle = network.register_forward_pre_hook(fail)
    with pytest.raises(problem, match="midway"):
        measure(network, random_images(4), pairs=6, points=24, batch=16)
    assert network.training
    handle.remove()
    assert np.isfinite(
        measure(network, random_images(4), pairs=3, points=8).paths["distance"]
    ).all()


def test_any_callable_can_be_measured():
    images = random_images(4)
    network = network_of("y").eval()
    found = measure(lambda x: network(x), images, pairs=6, points=24, name="a function")
    assert found.name == "a function"
    pd.testing.assert_frame_equal(found.paths, measure(network, images, pairs=6, points=24).paths)
