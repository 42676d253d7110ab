import pytest

from spectral_bias.reference import authors, known


def test_all_readings_are_packaged():
    assert known("rahaman2018") == [
        "kernel_white_noise_loss",
        "kernel_white_noise_spectra",
        "manifold_L10",
        "mnist_noise_k0.05",
        "mnist_noise_k1.0",
        "mnist_noise_none",
        "sinusoids_equal_amplitude",
    ]
    assert known("fridovichkeil2021") == ["robustnets_resnet18"]
    assert known("nobody2000") == []


@pytest.mark.parametrize(
    ("name", "value", "low", "high", "slack"),
    [
        ("sinusoids_equal_amplitude", "amplitude", "amplitude_min", "amplitude_max", 1),
        ("manifold_L10", "amplitude", "amplitude_min", "amplitude_max", 1),
        ("kernel_white_noise_loss", "mse", "mse_min", "mse_max", 1),
        # Centre and edges of a stroke were fitted apart from each other.
        ("mnist_noise_none", "mse", "mse_lower_edge", "mse_upper_edge", 1.1),
        ("mnist_noise_k0.05", "mse", "mse_lower_edge", "mse_upper_edge", 1.1),
        ("mnist_noise_k1.0", "mse", "mse_lower_edge", "mse_upper_edge", 1.1),
    ],
)
def test_readings_lie_within_their_bounds(name, value, low, high, slack):
    table = authors("rahaman2018", name)
    assert len(table) > 300
    assert (table[low] <= table[value] * slack).all()
    assert (table[value] <= table[high] * slack).all()


def test_heatmap_has_the_authors_frequencies_at_every_iteration():
    table = authors("rahaman2018", "sinusoids_equal_amplitude")
    grid = table.pivot(index="iteration", columns="frequency", values="amplitude")
    assert list(grid.columns) == list(range(5, 51, 5))
    assert grid.index.min() == 0 and grid.index.max() == 59_700
    assert grid.notna().all().all()


def test_unknown_names_are_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=r"'mnist'.*known:.*manifold_L10.*mnist_noise_none"):
        authors("rahaman2018", "mnist")
    with pytest.raises(ValueError, match="'nobody2000'; known: none"):
        authors("nobody2000", "mnist")


def test_published_networks_show_what_their_readme_says():
    table = authors("fridovichkeil2021", "robustnets_resnet18")
    assert len(table) == 153 and set(table["architecture"]) == {"resnet18"}
    assert table["test_accuracy"].agg(["min", "max"]).round(3).tolist() == [0.9, 0.963]
    orders = table[["test_accuracy", "within_fraction", "between_fraction"]].corr("spearman")
    assert orders["test_accuracy"].round(2).tolist() == [1, -0.95, 0.57]
