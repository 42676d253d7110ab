"""Every bad setting is one line that names file and key; layers lie over each other in order."""

from pathlib import Path

import pytest

from spectral_bias.config.load import load_settings
from spectral_bias.errors import UserError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def project(tmp_path):
    """A copy of the project's settings that a test may spoil."""
    for name in ("config.yaml", *(f"workflow/scales/{s}.yaml" for s in ("tiny", "quick", "paper"))):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text())
    return tmp_path


def problem(root, **overrides):
    with pytest.raises(UserError) as caught:
        load_settings(overrides, root)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def sinusoids(**values):
    return {"rahaman2018": {"sinusoids": values}}


@pytest.mark.parametrize("scale", ["tiny", "quick", "paper"])
def test_every_shipped_scale_is_valid(scale):
    assert load_settings({"scale": scale}, ROOT).scale == scale


def test_paper_scale_has_the_values_of_the_paper():
    paper = load_settings({"scale": "paper"}, ROOT).rahaman2018
    network = {"depth": 6, "width": 256, "activation": "relu"}
    assert paper.sinusoids.network.model_dump() == network
    assert paper.sinusoids.optimiser == paper.delta.optimiser == "adam"
    assert paper.sinusoids.frequencies == list(range(5, 51, 5))
    assert (paper.sinusoids.n_points, paper.sinusoids.iterations) == (200, 80_000)
    assert (paper.sinusoids.learning_rate, paper.sinusoids.n_runs) == (3e-4, 10)
    assert paper.perturbation.frequencies == list(range(10, 51, 5))
    assert (paper.perturbation.n_deltas, paper.perturbation.n_directions) == (100, 100)
    assert (paper.label_noise.learning_rate, paper.label_noise.iterations) == (1e-4, 5000)


def test_default_scale_is_quick_and_the_command_line_lies_over_it():
    settings = load_settings(sinusoids(n_runs=2) | {"seed": 7}, ROOT)
    assert (settings.scale, settings.seed) == ("quick", 7)
    assert settings.rahaman2018.sinusoids.n_runs == 2
    assert settings.rahaman2018.sinusoids.network.width == 128


def test_nested_values_of_the_command_line_are_typed():
    text = sinusoids(learning_rate="0.001", n_runs="2", amplitudes={"equal": ["1"] * 10})
    settings = load_settings(text | {"data_root": "null"}, ROOT)
    assert settings.rahaman2018.sinusoids.learning_rate == 1e-3
    assert settings.rahaman2018.sinusoids.amplitudes.equal == [1.0] * 10
    assert settings.data_root is None


def test_own_scale_file_changes_only_its_keys_and_gives_the_name(project):
    (project / "mine.yaml").write_text(
        "extends: quick\nrahaman2018: {sinusoids: {learning_rate: 1.0e-3}}\n"
    )
    mine = load_settings({"scale": "mine.yaml"}, project)
    quick = load_settings({"scale": "quick"}, project)
    assert mine.scale == "mine"
    assert mine.rahaman2018.sinusoids.learning_rate == 1e-3
    assert mine.rahaman2018.label_noise == quick.rahaman2018.label_noise


def test_own_scale_file_without_extends_changes_the_papers_values(project):
    (project / "big.yaml").write_text("rahaman2018: {sinusoids: {n_runs: 20}}\n")
    assert load_settings({"scale": "big.yaml"}, project).rahaman2018.sinusoids.n_points == 200


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"sede": 1}, "--config: sede: unknown key; did you mean 'seed'"),
        (sinusoids(widht=3), "--config: rahaman2018.sinusoids.widht: unknown key; known: network,"),
        (
            sinusoids(network={"depht": 3}),
            "--config: rahaman2018.sinusoids.network.depht: unknown key; did you mean 'depth'",
        ),
        ({"scale": "quik"}, "--config: scale: 'quik' is unknown; did you mean 'quick'; known: "),
        ({"scale": "no/such.yaml"}, "no/such.yaml: no such file; check the path"),
        ({"seed": -1}, "--config: seed: Input should be greater than or equal to 0, got -1"),
        ({"seed": "one"}, "--config: seed: Input should be a valid integer, got 'one'"),
        ({"device": "gpu"}, "--config: device: Input should be 'auto', 'cpu' or 'cuda', got 'gpu'"),
        (sinusoids(learning_rate="1e-3"), "write numbers with a dot and without quotes"),
        (sinusoids(learning_rate=float("nan")), "rahaman2018.sinusoids.learning_rate: Input"),
        (sinusoids(network={"depth": 1}), "sinusoids.network.depth: Input should be greater"),
        (
            sinusoids(network={"activation": "rleu"}),
            "network.activation: Input should be 'relu', 'tanh' or 'sine', got 'rleu'",
        ),
        (sinusoids(optimiser="lbfgs"), "optimiser: Input should be 'adam' or 'sgd', got 'lbfgs'"),
        (
            {"rahaman2018": {"theory": {"network": {"activation": "tanh"}}}},
            "--config: rahaman2018.theory.network.activation: networks with tanh are not piecewise",
        ),
        (
            {"rahaman2018": {"volume": {"narrow": {"activation": "sine"}}}},
            "--config: rahaman2018.volume.narrow.activation: networks with sine are not piecewise",
        ),
        (
            sinusoids(frequencies=[2, 4, 6, 8, 10, 12, 14, 16, 18, 40]),
            "--config: rahaman2018.sinusoids.frequencies: k = 40 is not below the Nyquist "
            "frequency n_points/2 = 40",
        ),
        (sinusoids(frequencies=[2, 2]), "frequencies: 2 is named twice; name each once"),
        (sinusoids(frequencies=[2, 4]), "amplitudes.equal: 10 values for 2 frequencies"),
        (sinusoids(snapshots=[5]), "--config: rahaman2018.sinusoids.snapshots: iteration 5 is not"),
        ({"data_root": "nowhere"}, "--config: data_root: no folder 'nowhere'"),
        ({"rahaman2018": 3}, "--config: rahaman2018: Input should be a section of key: value"),
        (
            {"rahaman2018": {"label_noise": {"data": {"classes": [3, 3]}}}},
            "label_noise.data.classes: both are 3; choose two different digits",
        ),
    ],
)
def test_bad_setting_is_one_line_with_file_and_key(overrides, said):
    assert said in problem(ROOT, **overrides)


def test_the_file_that_holds_the_bad_value_is_named(project):
    quick = project / "workflow/scales/quick.yaml"
    quick.write_text(quick.read_text().replace("n_points: 80", "n_points: 30"))
    said = problem(project)
    assert said.startswith("workflow/scales/quick.yaml: rahaman2018.sinusoids.frequencies: k = 16")
    base = project / "config.yaml"
    base.write_text(base.read_text().replace("seed: 0", "seed: 0.5"))
    assert problem(project, scale="paper").startswith("config.yaml: seed:")


def test_unreadable_files_are_named(project):
    (project / "broken.yaml").write_text("a: [1,\nb: 2")
    assert problem(project, scale="broken.yaml").startswith("broken.yaml, line 2:")
    (project / "list.yaml").write_text("- 1")
    assert "list.yaml: holds a list" in problem(project, scale="list.yaml")
    (project / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    assert "bytes.yaml: cannot be read" in problem(project, scale="bytes.yaml")
    (project / "up.yaml").write_text("extends: quikc")
    assert "up.yaml: extends: 'quikc' is unknown; did you mean 'quick'" in problem(
        project, scale="up.yaml"
    )
    (project / "other").mkdir()
    (project / "other/quick.yaml").write_text("{}")
    assert "rename the file" in problem(project, scale="other/quick.yaml")


def test_missing_key_is_named(project):
    base = project / "config.yaml"
    base.write_text(base.read_text().replace("seed: 0 ", "# seed: 0 "))
    assert problem(project) == "config.yaml: seed: is missing; add it"
