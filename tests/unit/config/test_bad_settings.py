"""Whatever is wrong with settings is said at once, in one line that names the file and the key."""

import os
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest
import yaml

from spectral_bias.config import load
from spectral_bias.config.load import load_settings
from spectral_bias.errors import UserError

ROOT = Path(__file__).parents[3]
LIST = Path(__file__).with_name("bad_settings.txt")
BAD = [
    (*setting.split(" = ", 1), said)
    for line in LIST.read_text().splitlines()
    if not line.startswith("#")
    for setting, said in [line.split(" | ", 1)]
]


@pytest.fixture(scope="module", autouse=True)
def read_once():
    """The files of the project do not change while these tests run, and reading takes longest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load, "read_settings", cache(load.read_settings))
        yield


def problem(overrides, root=ROOT):
    started = time.monotonic()
    with pytest.raises(UserError) as caught:
        load_settings(overrides, root)
    assert time.monotonic() - started < 10  # importing PyTorch for networks of others included
    text = str(caught.value)
    assert text and len(text.splitlines()) == 1 and len(text) < 500
    return text


def nested(key, value):
    for part in reversed(key.split(".")):
        value = {part: value}
    return value


def test_the_list_holds_every_experiment():
    assert len(BAD) >= 150
    settings = load_settings({"scale": "tiny"}, ROOT)
    for paper in ("rahaman2018", "fridovichkeil2021"):
        for section, _ in getattr(settings, paper):
            assert sum(key.startswith(f"{paper}.{section}.") for key, _, _ in BAD) >= 3


@pytest.mark.parametrize(("key", "value", "said"), BAD)
def test_a_bad_setting_is_one_line(key, value, said):
    text = problem({"scale": "tiny"} | nested(key, yaml.safe_load(value)))
    assert said in text
    assert text.startswith((f"--config: {key}", f"--config: {said}", said))


def test_a_network_that_cannot_be_imported_is_one_line():
    key = "fridovichkeil2021.cifar10.networks.wrn_32.callable"
    text = problem({"scale": "tiny"} | nested(key, "no.such.module"))
    assert text.startswith(f"--config: {key}: 'no.such.module': no.such cannot be imported")


ALIASES = "\n".join(
    ["a0: &a0 [x]", *(f"a{i + 1}: &a{i + 1} [{', '.join([f'*a{i}'] * 10)}]" for i in range(30))]
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed: 1\nseed: 2\n", "bad.yaml, line 2: the key 'seed' stands twice in one section"),
        ("tracking: {uri: null, uri: null}", "bad.yaml, line 1: the key 'uri' stands twice"),
        ("- {a: 1, a: 2}", "bad.yaml, line 1: the key 'a' stands twice"),
        (ALIASES, "bad.yaml, line 2: *a0 stands for other lines; write them here instead"),
        ("a: &a [*a]", "bad.yaml, line 1: *a stands for other lines"),
        ("a: &a {b: 1}\nc: {<<: *a}", "bad.yaml, line 2: *a stands for other lines"),
        ("seed: " + "[" * 200 + "]" * 200, "more than 100 lists or sections within each other"),
        ("[" * 100_000, "more than 100 lists or sections within each other; mend the YAML"),
        ("seed: [1,\n", "bad.yaml, line 2: "),
        ("seed: @x", "bad.yaml, line 1: "),
        ("seed: 1\n\tdevice: cpu", "bad.yaml, line 2: "),
        ("seed: !!python/object:os.system ls", "bad.yaml, line 1: could not determine a constr"),
        ("seed: 2020-13-45", "bad.yaml: month must be in 1..12; mend the YAML"),
        ("seed: " + "9" * 5000, "bad.yaml: Exceeds the limit"),
        ("--- {}\n--- {}", "bad.yaml, line 2: but found another document"),
        ("? [a]\n: 1", "bad.yaml, line 1: found unhashable key"),
        ("- 1", "bad.yaml: holds a list; write key: value lines"),
        ("text", "bad.yaml: holds a str; write key: value lines"),
        ("1", "bad.yaml: holds a int; write key: value lines"),
        ("#" * 1_000_001, "bad.yaml: is larger than 1 MB"),
        ("seed: 2020-01-01", "bad.yaml: seed: Input should be a valid integer, got datetime.date("),
        ("seed: !!binary aGVsbG8=", "bad.yaml: seed: Input should be a valid integer, got b'hello"),
        ("data_root: ''", "bad.yaml: data_root: '' cannot be the name of a file or folder"),
        ('data_root: "a\\0b"', "bad.yaml: data_root: 'a\\x00b' cannot be the name of a file"),
        ("1: x", "bad.yaml: 1: is no text; write the key in quotes"),
        ("null: x", "bad.yaml: None: is no text"),
        ('"a\\nb": x', "bad.yaml: 'a\\nb': unknown key"),
        ("on: x", "bad.yaml: True: is no text"),
        ("scale: quick", "bad.yaml: scale: the file's own name is that of the scale; remove"),
        ("extends: [quick]", "bad.yaml: extends: ['quick'] is unknown"),
        ("extends: {quick: 1}", "bad.yaml: extends: {'quick': 1} is unknown"),
        ("extends: null", "bad.yaml: extends: None is unknown"),
        ("extends: 1", "bad.yaml: extends: 1 is unknown"),
        ("extends: bad.yaml", "bad.yaml: extends: 'bad.yaml' is unknown"),
        ("extends: bad", "bad.yaml: extends: 'bad' is unknown"),
        ("extends: quikc", "bad.yaml: extends: 'quikc' is unknown; did you mean 'quick'"),
        ("extends: quick\nextends: tiny", "bad.yaml, line 2: the key 'extends' stands twice"),
    ],
    ids=range(37),
)
def test_a_bad_file_is_one_line(tmp_path, text, said):
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    message = problem({"scale": str(file)})
    assert message.startswith(str(file)) and said in message


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("...yaml", "'..' cannot name files"),
        (".yaml", "cannot name files; write at most 100 letters"),
        ("a'b.yaml", '"a\'b" cannot name files'),
        ("a b.yaml", "'a b' cannot name files"),
        ("-a.yaml", "'-a' cannot name files"),
        ("a\nb.yaml", "'a\\nb' cannot name files"),
        ("a\0b.yaml", "cannot name files"),
        ("ä.yaml", "'ä' cannot name files"),
        (f"{'a' * 101}.yaml", "cannot name files"),
        ("published.yaml", "'published' is the name of other results; choose another"),
        ("MLflow.yaml", "'MLflow' is the name of other results"),
        ("data.yml", "'data' is the name of other results"),
        ("other/quick.yaml", "'quick', the name of a built-in scale; rename the file"),
        ("folder.yaml", "is no file; name a file of settings"),
        ("pipe.yaml", "is no file; name a file of settings"),
        ("nowhere.yaml", "nowhere.yaml: no such file; check the path"),
        ("bytes.yaml", "bytes.yaml: cannot be read"),
        ("quikc", "--config: scale: 'quikc' is unknown; did you mean 'quick'"),
        ("", "--config: scale: '' is unknown"),
        (["quick"], "--config: scale: ['quick'] is unknown"),
        ({}, "--config: scale: {} is unknown"),
        (None, "--config: scale: None is unknown"),
        (3, "--config: scale: 3 is unknown"),
    ],
)
def test_a_bad_scale_is_one_line(tmp_path, name, said):
    (tmp_path / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    path = f"{tmp_path}/{name}" if isinstance(name, str) and name.endswith("ml") else name
    assert said in problem({"scale": path})


def test_scales_that_extend_each_other_are_one_line(tmp_path):
    (tmp_path / "workflow/scales").mkdir(parents=True)
    (tmp_path / "config.yaml").write_text((ROOT / "config.yaml").read_text())
    for name, other in (("one", "two"), ("two", "one")):
        (tmp_path / f"workflow/scales/{name}.yaml").write_text(f"extends: {other}")
    text = problem({"scale": "one"}, tmp_path)
    assert text.startswith("workflow/scales/two.yaml: extends: 'one' is unknown")


@pytest.mark.parametrize(
    "uri",
    [
        "http://me:hunter2@host",
        "http://me:hun/ter2@host:80",
        "http://me:hun@ter2@host",
        "https://hunter2@host",
        "https://host/?token=hunter2",
        "https://host/#hunter2",
        "me:hunter2@host",
        "postgresql://me:hunter2@host/db",
        ["http://me:hunter2@host"],
        {"url": "http://me:hun/ter2@host"},
    ],
)
def test_a_secret_is_refused_and_not_repeated(uri):
    text = problem({"scale": "tiny", "tracking": {"uri": uri}})
    assert text.startswith("--config: tracking.uri: ")
    assert "hun" not in text and "ter2" not in text


def test_what_a_secret_is_refused_for_says_where_it_belongs():
    text = problem({"tracking": {"uri": "http://me:hunter2@host"}})
    assert "set the environment variable MLFLOW_TRACKING_URI to the whole address" in text


NETWORK = {"callable": "wide_resnet", "arguments": {"depth": 10, "width": 2, "stem": 2}}
TRAINED = NETWORK | {"learning_rate": 0.1, "weight_decay": 0.0, "batch_size": 20}


@pytest.mark.parametrize("name", ["adversarial_classifier", "Adversarial_Classifier"])
def test_two_papers_train_no_runs_of_one_name(name):
    section = {"networks": {name: TRAINED}, "baseline": name}
    text = problem({"scale": "tiny", "fridovichkeil2021": {"cifar10": section}})
    assert text.startswith("--config: fridovichkeil2021.cifar10: ")
    assert f"called {name!r}, as one of rahaman2018.adversarial is" in text


@pytest.mark.parametrize("name", ["wrn_32.n40", "wrn_32.radial_0.1", "wrn_32.uniform"])
def test_a_network_is_not_called_what_a_run_of_another_is(name):
    section = {"networks": {name: TRAINED}, "architectures": ["wrn_32", "shake_shake_32", name]}
    text = problem({"scale": "tiny", "fridovichkeil2021": {"cifar10": section}})
    assert f"fridovichkeil2021.cifar10.networks: two runs would be called {name!r}" in text


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"scale": "tiny", "seed": "one"}, "--config: seed: Input should be a valid integer"),
        ({"scale": "bad.yaml"}, "bad.yaml, line 2: *a0 stands for other lines"),
        ({"tracking": {"uri": "ftp://host"}}, "--config: tracking.uri: tracking address"),
    ],
)
def test_it_takes_no_longer_in_a_process_of_its_own(tmp_path, config, said):
    """As the Snakefile reads them."""
    (tmp_path / "bad.yaml").write_text(ALIASES)
    for name in ("config.yaml", "workflow"):
        (tmp_path / name).symlink_to(ROOT / name)
    program = f"from spectral_bias.config.load import load_settings; load_settings({config!r})"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"spectral_bias.errors.UserError: {said}")
