"""What the captions of all figures of small images say on settings and data."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from pandas import DataFrame

from spectral_bias.experiments import figures
from spectral_bias.experiments.fridovichkeil2021.interventions import models
from spectral_bias.figures.build import caption
from tests.unit.experiments.fridovichkeil2021.made_up import context_of, settings_of

MODULES = [
    import_module(place.dotted(name))
    for name, (place, figure) in figures()["fridovichkeil2021"].items()
    if figure.section == "cifar10"
]


PATH = ["kind", "class_a", "class_b", "position", "class_name", "probability"]
OTHERS = {
    "interpolation_example": PATH,
    "interpolation_example_spectrum": [
        *("kind", "relative_frequency", "magnitude", "counts_as_high"),
    ],
    "single_classes": [
        *("class_name", "fit", "noise_fitting", "rate_mean"),
        *("high_frequency_fraction", "test_accuracy"),
    ],
    "single_class_correlations": ["x", "y", "value", "ci_low", "ci_high", "reason"],
}


@pytest.fixture(scope="module")
def nothing(tables):
    """All tables, without rows where they may have none."""
    found = {name: table.iloc[:0] for name, table in tables.items()}
    found |= {name: DataFrame(columns=columns) for name, columns in OTHERS.items()}
    never = {"test_accuracy": None, "training_loss": None}
    job = SimpleNamespace(table=found.get)
    return found | models.measured(job, [], [], never, 2, "patches", "zoom")


@pytest.mark.parametrize("module", MODULES)
def test_captions_state_data_and_where_settings_are_not_the_papers(module, nothing):
    paper, tiny = context_of(settings_of("paper")), context_of(settings_of())
    text = caption(module, module.drawn(nothing, paper), paper)
    assert "Fridovich-Keil et al. (2021)" in text and "paper scale" in text
    assert "CIFAR-10, 50,000 training and 10,000 test images" in text
    assert "Settings are the paper's" in text
    assert ("but Figure 1 carry other numbers" in text) != module.__name__.endswith("fig01")
    text = caption(module, module.drawn(nothing, tiny), tiny)
    assert "patches of ten photographs" in text
    # Figures 1, 3 and 4 have trainings of a length of their own.
    epochs = 3 if module.__name__.endswith(("fig01", "fig03", "fig04")) else 2
    assert "data.n_train 80 (paper 50,000)" in text and f"epochs {epochs} (paper 200)" in text
