"""Networks of others: names, checksums, downloads that fail, checkpoints that do not fit."""

import hashlib
from dataclasses import replace
from urllib.error import URLError

import pytest
import torch
from safetensors.torch import save_file
from torchvision.models import get_model

from spectral_bias.errors import UserError
from spectral_bias.models.named import build_network
from spectral_bias.models.pretrained import (
    check_file,
    fetch,
    named_weights,
    read_state,
    short_name,
    torchvision_network,
    with_state,
)

MODEL = "torchvision:resnet18:IMAGENET1K_V1"


def small(n_classes=3):
    return build_network("wide_resnet", {"depth": 10, "width": 2, "stem": 2}, n_classes, seed=1)


def test_named_weights_say_what_torchvision_says():
    found = named_weights("torchvision:resnet50:IMAGENET1K_V2")
    assert (found.network, found.version, found.n_classes) == ("resnet50", "IMAGENET1K_V2", 1000)
    assert found.file == "resnet50-11ad3fa6.pth" and found.address.endswith(found.file)
    assert (found.resize, found.crop, found.interpolation) == (232, 224, "bilinear")
    assert found.published_accuracy == pytest.approx(0.80858)
    assert found.name == short_name("torchvision:resnet50:IMAGENET1K_V2")
    assert named_weights("torchvision:vit_b_16:IMAGENET1K_SWAG_E2E_V1").interpolation == "bicubic"


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("resnet50", "is not torchvision:<network>:<weights>"),
        ("timm:resnet50:V1", "is not torchvision:<network>:<weights>"),
        ("torchvision:resnet5:IMAGENET1K_V1", "no classifier 'resnet5'; did you mean 'resnet50'"),
        ("torchvision:vit_b_61:IMAGENET1K_V1", "did you mean 'vit_b_16'"),
        ("torchvision:resnet18:IMAGENET1K_V2", "did you mean 'IMAGENET1K_V1'; it has IMAGENET1K"),
    ],
)
def test_unknown_names_are_answered_with_the_nearest(model, said):
    with pytest.raises(ValueError, match=r"torchvision|weights") as caught:
        named_weights(model)
    assert said in str(caught.value)


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """Random weights of a ResNet-18 in PyTorch's cache, named by their own checksum."""
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    file = tmp_path / "checkpoints" / "x.pth"
    file.parent.mkdir()
    torch.manual_seed(0)
    torch.save(get_model("resnet18", weights=None, num_classes=4).state_dict(), file)
    stem = f"resnet18-{hashlib.sha256(file.read_bytes()).hexdigest()[:8]}.pth"
    file.rename(file.with_name(stem))
    return replace(named_weights(MODEL), file=stem, n_classes=4)


def test_weights_in_the_cache_are_copied_checked_and_loaded(weights, tmp_path):
    target = tmp_path / "weights" / weights.file
    fetch(weights, target)
    network = torchvision_network(weights, target)
    assert not network.training
    stored = read_state(target)
    assert torch.equal(network.fc.weight, stored["fc.weight"]) and len(network.fc.bias) == 4


def test_a_damaged_file_is_refused_before_it_is_used(weights, tmp_path):
    cached = tmp_path / "checkpoints" / weights.file
    cached.write_bytes(cached.read_bytes()[:-1])
    target = tmp_path / "weights" / weights.file
    with pytest.raises(UserError, match=r"SHA-256 begins with .* it is damaged"):
        fetch(weights, target)
    assert not target.exists() and list(target.parent.iterdir()) == []
    with pytest.raises(UserError, match="SHA-256 begins with"):
        torchvision_network(weights, cached)


def test_without_a_network_the_message_says_which_file_belongs_where(tmp_path, monkeypatch):
    def offline(*args, **options):
        raise URLError("no route")

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "none"))
    monkeypatch.setattr(torch.hub, "download_url_to_file", offline)
    with pytest.raises(UserError) as caught:
        fetch(named_weights(MODEL), tmp_path / "here" / "resnet18-f37072fd.pth")
    text = str(caught.value)
    assert "resnet18-f37072fd.pth could not be downloaded" in text and "\n" not in text
    assert f"put the file into {tmp_path / 'here'}" in text


def test_a_name_without_checksum_is_not_checked(tmp_path):
    file = tmp_path / "mine.pth"
    file.write_bytes(b"anything")
    check_file(file, file.name)


@pytest.mark.parametrize("name", ["a.safetensors", "a.pt"])
def test_a_checkpoint_of_either_kind_gives_the_same_network(name, tmp_path):
    trained, file = small(), tmp_path / name
    state = trained.state_dict()
    save_file(state, file) if name.endswith("tensors") else torch.save(state, file)
    loaded = with_state(build_network("wide_resnet", {"depth": 10, "width": 2, "stem": 2}, 3, 7),
                        read_state(file), name)  # fmt: skip
    x = torch.randn(2, 3, 8, 8)
    assert torch.equal(loaded(x), trained.eval()(x))


def test_checkpoints_that_do_not_fit_are_refused(tmp_path):
    state = small().state_dict()
    with pytest.raises(UserError, match=r"c: head.weight has shape \(3, 8\), the network's has"):
        with_state(small(4), state, "c")
    with pytest.raises(UserError, match=r"c: lacks stem\.weight"):
        with_state(small(), {k: v for k, v in state.items() if k != "stem.weight"}, "c")
    with pytest.raises(UserError, match="c: has extra"):
        with_state(small(), {**state, "extra": torch.zeros(1)}, "c")
    with pytest.raises(UserError, match="no such checkpoint"):
        read_state(tmp_path / "none.pt")


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"\x80\x02}q\x00."])
@pytest.mark.parametrize("name", ["a.safetensors", "a.pt"])
def test_files_that_are_no_checkpoint_are_named(name, content, tmp_path):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(UserError, match=rf"{name}: cannot be read as a checkpoint"):
        read_state(file)


def test_only_tensors_are_unpickled(tmp_path):
    file = tmp_path / "a.pt"
    torch.save(small(), file)  # a whole module
    with pytest.raises(UserError, match=r"a\.pt: .* Python objects, .* save network\.state_dict"):
        read_state(file)
    torch.save({"epoch": 3}, file)
    with pytest.raises(UserError, match="holds no state dict"):
        read_state(file)
