"""Layers found in state dicts, files and networks, and what is said of those that are refused."""

import warnings

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from spectral_bias.errors import UserError
from spectral_bias.models.mlp import mlp
from spectral_bias.toolkit.exact.linear_layers import WANTED, linear_layers


def same(found, wanted):
    for pairs in zip(found, wanted, strict=True):
        for one, other in zip(*pairs, strict=True):
            assert one.dtype == np.float64
            np.testing.assert_array_equal(one, other)


@pytest.fixture(scope="module")
def network():
    """Twelve linear layers, so that the names of some have two digits."""
    return mlp(1, 3, 12, seed=0)


@pytest.mark.parametrize("prefix", ["", "module.", "_orig_mod.", "model.net."])
@pytest.mark.parametrize("name", ["a.pt", "a.safetensors"])
def test_a_file_gives_the_layers_of_its_network_in_order(tmp_path, network, prefix, name):
    state = {prefix + key: tensor for key, tensor in network.state_dict().items()}
    file = tmp_path / name
    save_file(state, file) if name.endswith("tensors") else torch.save(state, file)
    same(linear_layers(file), linear_layers(network))
    same(linear_layers(str(file)), linear_layers(state))
    assert len(linear_layers(file)) == 12


def test_a_missing_bias_is_zero_and_a_bare_layer_is_a_network():
    (weight, bias), (_, last) = linear_layers(
        {
            "a.weight": torch.tensor([[1.0], [2]]),
            "b.weight": torch.ones(1, 2),
            "b.bias": torch.tensor([0.5]),
        }
    )
    assert (weight.tolist(), bias.tolist(), last.tolist()) == ([[1], [2]], [0, 0], [0.5])
    bare = nn.Linear(1, 1)
    same(linear_layers(bare.state_dict()), linear_layers(nn.Sequential(bare)))


def zeros(**shapes):
    return {key.replace("__", "."): torch.zeros(shape) for key, shape in shapes.items()}


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (
            zeros(net__0__weight=(5, 2), net__2__weight=(1, 5)),
            f"layer 'net.0' with a weight of shape (5, 2) has 2 inputs; {WANTED}",
        ),
        (
            zeros(a__weight=(5, 1), b__weight=(3, 5)),
            f"layer 'b' with a weight of shape (3, 5) is the last and has 3 outputs; {WANTED}",
        ),
        (
            zeros(a__weight=(5, 1), b__weight=(1, 4)),
            "layer 'b' with a weight of shape (1, 4) does not take the 5 outputs of 'a'; layers "
            "must be stored in the order in which they follow each other",
        ),
        (
            zeros(a__weight=(5, 1), a__bias=(4,), b__weight=(1, 5)),
            "layer 'a' with a weight of shape (5, 1) has a bias of shape (4,); it needs one for "
            "each output",
        ),
        (
            zeros(a__weight=(8, 1, 3, 3)),
            "'a.weight' of shape (8, 1, 3, 3) is no weight (outputs, inputs) and no bias "
            f"(outputs,) of a linear layer; {WANTED}, made of Linear and ReLU alone",
        ),
        (
            zeros(a__weight=(1, 1), norm__running_mean=(1,)),
            "'norm.running_mean' of shape (1,) is no weight (outputs, inputs) and no bias "
            f"(outputs,) of a linear layer; {WANTED}, made of Linear and ReLU alone",
        ),
        (
            {"a.weight": torch.full((1, 1), torch.nan)},
            "'a.weight' has values that are not finite; the training has diverged, take an earlier "
            "checkpoint",
        ),
        (zeros(a__bias=(1,)), "'a' has a bias and no weight; save all parameters"),
        (zeros(a__weight=(0, 1)), "layer 'a' with a weight of shape (0, 1) has no units"),
        ({}, "holds no weights; save network.state_dict()"),
        (
            {"epoch": 3},
            "'epoch' of shape () is no weight (outputs, inputs) and no bias (outputs,) of a linear "
            f"layer; {WANTED}, made of Linear and ReLU alone",
        ),
    ],
)
def test_other_state_dicts_are_refused(state, said):
    with pytest.raises(UserError) as caught:
        linear_layers(state)
    assert str(caught.value) == f"state dict: {said}"


def test_files_are_named_in_what_is_said(tmp_path):
    file = tmp_path / "a.pt"
    with pytest.raises(UserError, match=r"a\.pt: no such file"):
        linear_layers(file)
    torch.save(zeros(a__weight=(2, 2)), file)
    with pytest.raises(UserError, match=r"a\.pt: layer 'a' with a weight of shape \(2, 2\) has 2"):
        linear_layers(file)
    torch.save({"epoch": 3}, file)
    with pytest.raises(UserError, match=r"a\.pt: holds no state dict"):
        linear_layers(file)
    torch.save(nn.Linear(1, 1), file)
    with pytest.raises(UserError, match=r"a\.pt: it can be opened only by running code"):
        linear_layers(file)


def test_a_state_dict_may_lie_within_a_dictionary_or_a_program(tmp_path, network):
    file = tmp_path / "a.pt"
    torch.save({"state_dict": network.state_dict(), "epoch": 3}, file)
    same(linear_layers(file), linear_layers(network))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TorchScript is deprecated
        torch.jit.script(network).save(file)
    same(linear_layers(file), linear_layers(network))
    torch.save(network, file)
    same(linear_layers(file, unsafe_load=True), linear_layers(network))


def test_networks_whose_activations_are_others_are_refused():
    with pytest.raises(UserError, match="network: module 1 is Tanh, where ReLU is wanted"):
        linear_layers(nn.Sequential(nn.Linear(1, 2), nn.Tanh(), nn.Linear(2, 1)))
    with pytest.raises(UserError, match=r"layer '0' with a weight of shape \(2, 3\) has 3 inputs"):
        linear_layers(nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 1)))
    with pytest.raises(UserError, match=r"network: Linear is no nn\.Sequential, whose activations"):
        linear_layers(nn.Linear(1, 1))
