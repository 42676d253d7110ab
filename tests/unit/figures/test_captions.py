import pytest

from spectral_bias.figures.captions import filled, listed, readable


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (80_000, "80,000"),
        (0.0003, "0.0003"),
        (1.0, "1"),
        ("mnist", "mnist"),
        (None, "none"),
        (True, True),
        ([3, 8], "3, 8"),
        ({"network": {"width": 1024}}, {"network": {"width": "1,024"}}),
        ({"network": {"activation": "relu"}}, {"network": {"activation": "ReLU"}}),
        (
            {"activation": "tanh", "optimiser": "sgd"},
            {"activation": "tanh", "optimiser": "gradient descent"},
        ),
    ],
)
def test_readable(value, text):
    assert readable(value) == text


def test_only_long_evenly_spaced_lists_are_shortened():
    assert listed([5, 10, 15, 20, 25, 30]) == "5, 10, …, 30"
    assert listed([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]) == "0.1, 0.2, …, 0.6"
    assert listed([100, 1000, 10_000, 80_000]) == "100, 1,000, 10,000, 80,000"
    assert listed([1, 2, 4, 8, 16, 32]) == "1, 2, 4, 8, 16, 32"
    assert listed([]) == ""


def test_filled_takes_scale_nested_settings_and_facts():
    context = {"scale": "quick", "settings": {"sinusoids": {"network": {"width": 64}}}}
    text = filled("{scale}, width {sinusoids[network][width]}, {every}", context, {"every": "2nd"})
    assert text == "quick, width 64, 2nd"


@pytest.mark.parametrize("template", ["{missing}", "{sinusoids[missing]}", "{scale[missing]}"])
def test_a_placeholder_without_value_is_named(template):
    context = {"scale": "quick", "settings": {"sinusoids": {}}}
    with pytest.raises(ValueError, match="caption needs"):
        filled(template, context, {})
