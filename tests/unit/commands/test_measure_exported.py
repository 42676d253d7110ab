"""`spectral-bias measure` on files that hold a whole network: torch.export, TorchScript."""

import warnings

import pytest
import torch

from tests.unit.toolkit.measured_examples import SIDE, fractions, trained

SHAPE = (3, SIDE, SIDE)


def exported(network, path, dynamic):
    dimension = {0: torch.export.Dim("batch", **dynamic)} if dynamic is not None else None
    shapes = None if dimension is None else (dimension,)
    torch.export.save(
        torch.export.export(network.eval(), (torch.randn(4, *SHAPE),), dynamic_shapes=shapes), path
    )


@pytest.mark.parametrize(
    "dynamic", [{}, None, {"max": 5}, {"min": 2}], ids=["any", "fixed", "small", "two or more"]
)
def test_exported_networks_take_batches_of_any_size(tmp_path, measured, wanted, dynamic):
    path = tmp_path / "net.pt2"
    exported(trained(), path, dynamic)
    found = measured(model=path, batch=11)
    assert found.json["name"] == "net"
    assert fractions(found) == pytest.approx(wanted, abs=1e-6)


def test_what_is_no_exported_network(tmp_path, refused):
    path = tmp_path / "net.pt2"
    path.write_text("nothing")
    said = f"model: {path}: cannot be read as a network that torch.export wrote ("
    assert refused(model=path).startswith(said)
    assert refused(model=tmp_path / "no.pt2") == f"model: {tmp_path / 'no.pt2'}: no such file"


def test_whole_networks_take_no_checkpoint(tmp_path, refused):
    torch.save(trained().state_dict(), tmp_path / "my.pt")
    path = tmp_path / "net.pt2"
    exported(trained(), path, {})
    said = refused(model=path, checkpoint=tmp_path / "my.pt")
    assert said == f"checkpoint: {path} holds its own parameters; leave the checkpoint out"


@pytest.mark.parametrize("way", ["scripted", "traced", "frozen"])
def test_torchscript(tmp_path, measured, wanted, way):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if way == "traced":
            network = torch.jit.trace(trained().eval(), torch.randn(2, *SHAPE))
        else:
            network = torch.jit.script(trained().eval())
            network = torch.jit.freeze(network) if way == "frozen" else network
        torch.jit.save(network, tmp_path / "net.pt")
    assert fractions(measured(model=tmp_path / "net.pt")) == pytest.approx(wanted, abs=1e-6)


def test_parameters_alone_are_no_network(tmp_path, refused):
    path = tmp_path / "my.pt"
    torch.save(trained().state_dict(), path)
    said = (
        f"model: {path}: holds parameters alone and not a network; name the network as --model and "
        "this file as --checkpoint"
    )
    assert refused(model=path) == said
    assert refused(model=path, unsafe_load=True) == said
