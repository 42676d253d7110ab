"""`spectral-bias measure` on networks in files of all kinds, and on files that are none."""

import pickle
import sys

import pytest
import torch
from safetensors.torch import save_file

from spectral_bias.toolkit.inputs.checkpoints import ALLOW
from tests.unit.toolkit.measured_examples import NETWORK_FILE, again, fractions, trained


def prefixed(prefix):
    return {f"{prefix}{name}": value for name, value in trained().state_dict().items()}


CONTENTS = {
    "data parallel": lambda: prefixed("module."),
    "compiled": lambda: prefixed("_orig_mod."),
    "both": lambda: prefixed("module._orig_mod."),
    "lightning": lambda: {"state_dict": prefixed("model."), "epoch": 3, "callbacks": {}},
    "nested": lambda: {"model": {"state_dict": prefixed("net.")}, "optimizer": {"lr": 0.1}},
    "nested the other way": lambda: {"state_dict": {"model": prefixed("")}},
    "half": lambda: {k: v.half().float() for k, v in prefixed("").items()},
}


@pytest.mark.parametrize("kind", CONTENTS)
def test_checkpoints_as_training_programs_write_them(tmp_path, measured, wanted, kind):
    torch.save(CONTENTS[kind](), tmp_path / "my.pt")
    found = measured(checkpoint=tmp_path / "my.pt")
    assert found.json["network"] == {"model": "my_network.py:build", "checkpoint": "my.pt"}
    assert found.json["name"] == "build (my)"
    assert fractions(found) == pytest.approx(wanted, rel=1e-2 if kind == "half" else 1e-9)


def test_safetensors(tmp_path, measured, wanted):
    save_file(trained().state_dict(), tmp_path / "my.safetensors")
    assert fractions(measured(checkpoint=tmp_path / "my.safetensors")) == wanted


@pytest.mark.parametrize("suffix", ["pt", "safetensors"])
def test_the_checkpoint_says_how_many_outputs_there_are(tmp_path, measured, suffix):
    # By the alphabet, the order of safetensors, the last parameter is that of the first layer.
    file = tmp_path / "five.py"
    file.write_text(
        "from torch import nn\n"
        "class Net(nn.Module):\n"
        "    def __init__(self, num_classes=2):\n"
        "        super().__init__()\n"
        "        self.stem = nn.Linear(108, 7)\n"
        "        self.head = nn.Linear(7, num_classes)\n"
        "    def forward(self, x):\n"
        "        return self.head(self.stem(x.flatten(1)).relu())\n"
    )
    state = {
        **{"stem.weight": torch.randn(7, 108), "stem.bias": torch.randn(7)},
        **{"head.weight": torch.randn(5, 7), "head.bias": torch.randn(5)},
    }
    path = tmp_path / f"my.{suffix}"
    (torch.save if suffix == "pt" else save_file)(state, path)
    found = measured(model=f"{file}:Net", checkpoint=path)
    assert found.notes[0].startswith("The network has 5 outputs, the images have 3 classes")


def test_a_pickled_network_needs_consent(tmp_path, refused, measured, wanted):
    path = tmp_path / "whole.pt"
    torch.save(trained(), path)
    assert refused(checkpoint=path) == f"checkpoint: {path}: {ALLOW}"
    assert refused(model=path) == f"model: {path}: {ALLOW}"
    assert "--unsafe-load" in ALLOW
    assert again(measured(checkpoint=path, unsafe_load=True)) == wanted
    assert again(measured(model=path, unsafe_load=True)) == wanted


def test_no_code_in_a_file_runs_without_consent(tmp_path, refused):
    class Bomb:
        def __reduce__(self):
            return open, (str(tmp_path / "exploded"), "w")

    path = tmp_path / "bomb.pt"
    path.write_bytes(pickle.dumps(Bomb()))
    assert "--unsafe-load" in refused(checkpoint=path)
    assert not (tmp_path / "exploded").exists()


NO_CHECKPOINT = {
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:700]),
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("hello world\n" * 50),
    "a web page": lambda path: path.write_text("<!doctype html><p>404"),
}


@pytest.mark.parametrize("suffix", ["pt", "pth", "safetensors"])
@pytest.mark.parametrize("kind", NO_CHECKPOINT)
def test_what_is_no_checkpoint(tmp_path, refused, kind, suffix):
    path = tmp_path / f"my.{suffix}"
    torch.save(trained().state_dict(), path)
    NO_CHECKPOINT[kind](path)
    said = refused(checkpoint=path)
    assert said.startswith(
        f"checkpoint: {path}: cannot be read: it is damaged, cut off or no file of torch.save or "
        "safetensors ("
    )
    assert "unsafe" not in said
    assert refused(checkpoint=path, unsafe_load=True).startswith(f"checkpoint: {path}: cannot")


@pytest.mark.parametrize("content", [{"epoch": 3}, [1, 2], {"state_dict": {}}, 7])
def test_a_checkpoint_without_parameters(tmp_path, refused, content):
    torch.save(content, tmp_path / "my.pt")
    said = f"checkpoint: {tmp_path / 'my.pt'}: holds no state dict, that is tensors by name; save "
    assert refused(checkpoint=tmp_path / "my.pt") == f"{said}network.state_dict()"


def test_a_checkpoint_that_is_not_there(tmp_path, refused):
    assert (
        refused(checkpoint=tmp_path / "no.pt") == f"checkpoint: {tmp_path / 'no.pt'}: no such file"
    )


def changed(**changes):
    state = trained().state_dict()
    for name, value in changes.items():
        name = name.replace("__", ".")
        state.pop(name, None)
        if value is not None:
            state[name] = value
    return state


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (
            {"1.weigth": torch.zeros(3, 108), "1.bias": torch.zeros(3)},
            "my.pt lacks 1.weight (1 of 2 parameters); did you mean '1.weigth'; it is a checkpoint "
            "of another network",
        ),
        (
            {**trained().state_dict(), "2.weight": torch.zeros(2)},
            "my.pt has 2.weight, which the network lacks (1 such parameters); did you mean "
            "'1.weight'; name its own network",
        ),
        (
            {"1.weight": torch.zeros(3, 100), "1.bias": torch.zeros(3)},
            "my.pt: 1.weight has shape (3, 100), the network's has (3, 108); check its arguments "
            "and the number of classes",
        ),
        (
            {"1.weight": torch.full((3, 108), torch.nan), "1.bias": torch.zeros(3)},
            "my.pt: 1.weight is not finite (NaN or infinite)",
        ),
    ],
    ids=["lacks", "more", "shape", "nan"],
)
def test_checkpoints_of_another_network(tmp_path, refused, state, said):
    torch.save(state, tmp_path / "my.pt")
    assert refused(checkpoint=tmp_path / "my.pt") == f"checkpoint: {said}"


def test_torchvision_networks_by_name(tmp_path, refused):
    torch.save(trained().state_dict(), tmp_path / "my.pt")
    said = refused(model="torchvision:resnet81", checkpoint=tmp_path / "my.pt")
    assert said == "model: torchvision has no classifier 'resnet81'; did you mean 'resnet18'"
    said = refused(model="torchvision:resnet81")
    assert "no classifier 'resnet81'; did you mean 'resnet18'" in said
    said = refused(model="torchvision:resnet18", checkpoint=tmp_path / "my.pt")
    assert said.startswith("checkpoint: my.pt lacks conv1.weight (102 of 122 parameters)")
    said = refused(model="torchvision:resnet18:DEFAULT", checkpoint=tmp_path / "my.pt")
    assert said == "model: name weights or a checkpoint, not both"


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("def builds(): pass", "build", "has no 'build'; did you mean 'builds'"),
        ("import torch", "", ": add what makes the network after a colon, such as {file}:build"),
        ("def build(:", "build", "fails (SyntaxError: "),
        ("1 / 0", "build", "fails (ZeroDivisionError: division by zero)"),
        ("import sys; sys.exit(3)", "build", "fails (SystemExit: 3)"),
        ("import no_such_module_anywhere", "build", "fails (ModuleNotFoundError: No module named"),
        ("build = 3", "build", "model: build is int, which makes no network"),
        ("def build(): return 3", "build", ":build gives int, not a torch.nn.Module"),
        (
            "def build(width): return width",
            "build",
            "model: build() fails (TypeError: build() missing 1 required positional argument: "
            "'width'); name a callable that needs no arguments but num_classes",
        ),
    ],
)
def test_python_files_that_give_no_network(tmp_path, refused, text, name, said):
    file = tmp_path / "given.py"
    file.write_text(text + "\n")
    assert said.format(file=file) in refused(model=f"{file}:{name}" if name else file)


def test_a_python_file_that_is_not_there(tmp_path, refused):
    file = tmp_path / "no.py"
    assert refused(model=f"{file}:build") == f"model: {file}: no such file"


@pytest.mark.parametrize(
    "model", ["resnet18", "weights.bin", "torchvison:resnet18", "no.such.package:build", "a b"]
)
def test_unknown_forms_of_a_model(refused, model):
    said = refused(model=model)
    assert said.startswith("model: ") and "write torchvision:NAME, " in said
    assert "FILE.py:CALLABLE" in said and "FILE.pt2" in said


BUILDERS = {
    "a function of num_classes": "build",
    "an instance": "instance",
    "a class": "Linear3",
    "a function without arguments": "three",
}
MORE = """
instance = build(3)
three = lambda: build(3)
class Linear3(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = build(3)
    def forward(self, x):
        return self.inner(x)
"""


@pytest.mark.parametrize("name", BUILDERS.values(), ids=BUILDERS.keys())
def test_what_a_python_file_may_hold(tmp_path, measured, name):
    file = tmp_path / "holding.py"
    file.write_text(NETWORK_FILE + MORE)
    found = measured(model=f"{file}:{name}")
    assert found.json["name"] == name
    sys.modules.pop("holding", None)
    same = again(found)
    assert same == again(measured()), "all are the same network"


def test_a_module_that_python_can_import(tmp_path, measured, monkeypatch):
    package = tmp_path / "importable_network"
    package.mkdir()
    (package / "__init__.py").write_text(NETWORK_FILE)
    monkeypatch.syspath_prepend(tmp_path)
    found = measured(model="importable_network:build")
    assert found.json["network"] == {"model": "importable_network:build"}
