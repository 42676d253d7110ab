"""The second GPU of a machine that has none: tensors without numbers, of which PyTorch knows the
device. An operation on tensors of two devices fails, and so does one that waits for a number."""

from contextlib import nullcontext

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensorMode

from spectral_bias.models.named import build_network
from spectral_bias.models.shape import NetworkShape
from spectral_bias.runtime.checkpoint import Checkpoint
from spectral_bias.training.classifier import epochs
from spectral_bias.training.classifier.augmentation.pipeline import Choices
from spectral_bias.training.classifier.augmentation.settings import Augmentation
from spectral_bias.training.classifier.settings import ClassifierSettings
from spectral_bias.training.classifier.sources import LoadedImages
from spectral_bias.training.ensemble import lockstep
from spectral_bias.training.ensemble.lockstep import LockstepGroup
from spectral_bias.training.ensemble.optimisers import OPTIMISERS
from spectral_bias.training.ensemble.settings import LOSSES

GPU, META = torch.device("cuda", 1), torch.device("meta")
CLASSIFIER = ClassifierSettings(
    epochs=4,
    batch_size=8,
    learning_rate=0.05,
    schedule="cosine",
    momentum=0.9,
    weight_decay=1e-3,
    nesterov=True,
    gradient_clip=1.0,
    augmentation=Augmentation("all", flip_crop=True, cutout=4, mixup_alpha=0.5),
)


def group(loss, optimiser, hidden_dtype=None):
    return LockstepGroup(
        NetworkShape(1, 16, 4),
        [1, 2, 3],
        torch.rand(8, 1, device=GPU),
        torch.rand(3, 8, device=GPU),
        loss=loss,
        learning_rate=1e-3,
        optimiser=optimiser,
        hidden_dtype=hidden_dtype,
        weight_clip=torch.rand(3, device=GPU),
    )


@pytest.fixture
def fake(monkeypatch):
    """Within it tensors hold no numbers."""

    def zeros(shape, seeds, dtype):
        return torch.zeros(len(seeds), shape.n_parameters, dtype=dtype)

    monkeypatch.setattr(lockstep, "initial_parameters", zeros)
    with FakeTensorMode():
        yield


def test_a_fake_gpu_notices_what_a_real_one_would(fake):
    x = torch.rand(3, device=GPU)
    with pytest.raises(RuntimeError, match="device"):
        x + torch.rand(3)
    with pytest.raises(DataDependentOutputException):
        x.sum().item()


@pytest.mark.parametrize("hidden_dtype", [None, torch.bfloat16])
@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("loss", LOSSES)
def test_an_ensembles_step_stays_on_its_gpu(fake, monkeypatch, loss, optimiser, hidden_dtype):
    """And the graph is one of that GPU, of all that a step changes."""
    asked = []

    def recorded(work, state, device, record):
        asked.append((device, {tensor.device for tensor in state}))
        return work(), lambda: work() and None

    monkeypatch.setattr(lockstep, "recorded", recorded)
    trained = group(loss, optimiser, hidden_dtype)
    update = trained.compiled_update()
    trained.evaluate()
    update()
    assert asked == [(GPU, {GPU})]
    of_a_step = (trained.flat_RP, trained.loss_R, *trained.optimiser.state().values())
    assert {tensor.device for tensor in of_a_step} == {GPU}


@pytest.mark.parametrize("kind", ["shake_shake", "wide_resnet"])
def test_a_classifiers_step_stays_on_its_device(monkeypatch, kind):
    """On PyTorch's device for shapes alone, since autograd needs a real GPU where it sees one."""
    monkeypatch.setattr(epochs, "captured_on_gpu", lambda step, state, device: step)
    monkeypatch.setattr(epochs, "Position", lambda device: None)  # it makes a real generator
    monkeypatch.setattr(epochs, "autocast", lambda precision, device: nullcontext())
    arguments = {"shake_shake": {"depth": 8, "width": 8}, "wide_resnet": {"depth": 10, "width": 1}}
    pixels = torch.zeros(20, 3, 8, 8, dtype=torch.uint8, device=META)
    labels = torch.zeros(20, dtype=torch.long, device=META)
    mean, std = np.full(3, 0.5), np.full(3, 0.2)
    source = LoadedImages(pixels, labels, pixels[:6], labels[:6], 2, mean, std)
    network = build_network(kind, arguments[kind], 2, seed=0).to(META)
    training = epochs.Epochs(network, source, CLASSIFIER, teacher=network)
    ((some, of_them),) = source.train_batches([torch.arange(8, device=META)])
    x, y = training.targets(some, of_them, Choices(None, torch.rand((), device=META)), None)
    loss, logits = training.descend(x, y, 0.1)
    assert {tensor.device for tensor in (x, y, loss, logits)} == {META}
    assert {velocity.device for velocity in training.optimiser.velocity} == {META}
    with pytest.raises(RuntimeError, match="meta"):
        loss.item()


def test_a_checkpoint_of_a_gpu_is_read_where_there_is_none(tmp_path, monkeypatch):
    path, weight = tmp_path / "c.pt", torch.rand(3)
    monkeypatch.setattr(torch.serialization, "location_tag", lambda storage: "cuda:1")
    Checkpoint(path, "f").save({"weight": weight})
    monkeypatch.undo()
    with pytest.raises(RuntimeError, match="CUDA"):
        torch.load(path)
    found = Checkpoint(path, "f").load()["weight"]
    assert torch.equal(found, weight) and found.device.type == "cpu"


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("hidden_dtype", [None, torch.bfloat16])
def test_a_recorded_update_does_what_the_update_does(optimiser, hidden_dtype):
    """On a CPU, with a recorder that does the work again when it is asked to replay it."""
    inputs, targets = torch.rand(8, 1), torch.rand(2, 8)

    def trained(record):
        made = LockstepGroup(
            NetworkShape(1, 16, 4), [1, 2], inputs, targets, loss="mse", learning_rate=1e-2,
            optimiser=optimiser, hidden_dtype=hidden_dtype,
        )  # fmt: skip
        update = made.compiled_update(record)
        made.evaluate()
        for _ in range(5):
            update()
        return made.flat_RP

    again = trained(lambda work, device: (work(), lambda: work() and None))
    assert torch.equal(trained(None), again)
    with pytest.raises(RuntimeError, match="replaying the recorded step changes no parameter"):
        trained(lambda work, device: (work(), lambda: None))
