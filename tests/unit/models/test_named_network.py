"""Networks by name: ours, those of other packages, and what the user is told of a wrong one."""

import pytest
import torch

from spectral_bias.errors import UserError
from spectral_bias.models.catalogue import NETWORKS
from spectral_bias.models.named import build_network, require_arguments, require_callable
from spectral_bias.models.resnet import ResNet, resnet
from spectral_bias.models.wide_resnet import WideResNet, wide_resnet

NARROW = {
    "wide_resnet": {"depth": 10, "width": 4, "stem": 4},
    "shake_shake": {"depth": 8, "width": 4, "stem": 4},
    "pyramid_net": {"depth": 11, "alpha": 3, "stem": 4, "expansion": 1},
    "resnet": {"depth": 8, "width": 4},
}

THEIRS = """
from torch import nn

def flat(num_classes, width, bias=True):
    return nn.Sequential(nn.Flatten(), nn.Linear(width, num_classes, bias=bias))

def without_classes(width):
    return nn.Linear(width, 2)

def passes_on(**kwargs):
    return flat(**kwargs)

def no_network(num_classes):
    return [num_classes]

constant = 3
"""


@pytest.fixture(autouse=True)
def their_module(tmp_path, monkeypatch):
    (tmp_path / "their_networks.py").write_text(THEIRS)
    (tmp_path / "their_broken.py").write_text("import not_a_package_at_all")
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.parametrize("name", NETWORKS)
def test_all_of_ours_make_logits_of_any_number_of_classes(name):
    network = build_network(name, NARROW[name], 7, seed=0)
    assert network(torch.randn(2, 3, 16, 16)).shape == (2, 7)


@pytest.mark.parametrize("name", [*NETWORKS, "torchvision.models.shufflenet_v2_x0_5"])
def test_seed_determines_weights_and_leaves_the_global_state(name):
    before = torch.random.get_rng_state()
    made = [build_network(name, NARROW.get(name, {}), 3, seed) for seed in (1, 1, 2)]
    assert torch.equal(torch.random.get_rng_state(), before)
    first, same, other = (list(network.parameters()) for network in made)
    assert all(torch.equal(a, b) for a, b in zip(first, same, strict=True))
    assert not torch.equal(first[0], other[0])


@pytest.mark.parametrize("name", ["wide_resnet", "shake_shake", "pyramid_net"])
def test_convolutions_of_ours_have_variance_two_over_fan_out(name):
    weight = build_network(name, NARROW[name] | {"stem": 64}, 3, 0).stem.weight
    fan_out = 64 * 9
    assert weight.var().item() == pytest.approx(2 / fan_out, rel=5 * (2 / weight.numel()) ** 0.5)


def test_resnet_is_that_of_the_other_experiments():
    network = build_network("resnet", NARROW["resnet"], 10, seed=4)
    expected = resnet(8, 4, 10, seed=4)
    assert isinstance(network, ResNet)
    for name, value in expected.state_dict().items():
        assert torch.equal(network.state_dict()[name], value)


def test_dotted_paths_are_imported():
    assert require_callable("wide_resnet") is wide_resnet
    assert require_callable("spectral_bias.models.wide_resnet.wide_resnet") is wide_resnet
    assert require_callable("spectral_bias.models.wide_resnet.WideResNet") is WideResNet
    network = build_network("their_networks.flat", {"width": 12}, 3, 0)
    assert network(torch.zeros(1, 3, 2, 2)).shape == (1, 3)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("wide_resnt", "'wide_resnt' is no network here; did you mean 'wide_resnet'"),
        ("quux", "'quux' is no network here; choose one of resnet, wide_resnet"),
        ("torchvision.models.resnet81", "no callable 'resnet81'; did you mean 'resnet18'"),
        ("their_network.flat", "their_network cannot be imported"),
        ("their_broken.flat", "No module named 'not_a_package_at_all'"),
        ("their_networks.constant", "no callable 'constant'"),
        ("their_networks.flta", "did you mean 'flat'"),
    ],
)
def test_unknown_callable(name, message):
    with pytest.raises(UserError, match=message):
        require_callable(name)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("wide_resnet", {"widht": 3}, "no argument 'widht'; did you mean 'width'"),
        ("wide_resnet", {"num_classes": 3}, "num_classes comes from the data"),
        ("their_networks.flat", {"zzz": 1}, "no argument 'zzz'; it takes width, bias"),
        ("their_networks.flat", {}, "missing a required argument: 'width'"),
        ("their_networks.without_classes", {"width": 3}, "takes no argument num_classes"),
    ],
)
def test_refused_arguments_are_named_before_anything_is_built(name, arguments, message):
    with pytest.raises(UserError, match=message):
        require_arguments(name, arguments)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("wide_resnet", {"depth": 11}, r"depth=11\) fails \(depth 11 is not 6n"),
        ("their_networks.passes_on", {"wdth": 3}, "unexpected keyword argument 'wdth'"),
        ("their_networks.no_network", {}, "makes a list, not a torch.nn.Module"),
    ],
)
def test_refusal_of_a_call_is_one_line(name, arguments, message):
    with pytest.raises(UserError, match=message) as caught:
        build_network(name, arguments, 3, seed=0)
    assert "\n" not in str(caught.value)
