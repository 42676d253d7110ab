"""Exact spectra on any interval against closed forms and a fine DFT, and the files made of them."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.figure import Figure
from torch import nn

from spectral_bias.errors import UserError
from spectral_bias.models.mlp import mlp
from spectral_bias.toolkit.exact.piecewise_linear import exact_spectrum_of

K = np.arange(1, 201)


def state(*layers):
    return {
        f"{number}.{kind}": torch.tensor(values, dtype=torch.float64)
        for number, layer in enumerate(layers)
        for kind, values in zip(("weight", "bias"), layer, strict=True)
    }


# max(x - c, 0) for c = 1/4
HINGE = state(([[1.0]], [-0.25]), ([[1.0]], [0.0]))
# 1 - |x - 5| for 4 <= x <= 6: from 0 up to 1 and down to 0
TRIANGLE = state(([[1.0], [1.0]], [-4.0, -5.0]), ([[1.0, -2.0]], [0.0]))
LINE = state(([[2.0]], [3.0]))


def test_a_hinge_in_closed_form():
    found = exact_spectrum_of(HINGE)
    # Slope 0 up to 1/4, then 1: the jump there is 1, and -1 where the period closes.
    wanted = np.abs(1 - np.exp(-0.5j * np.pi * K)) / (2 * np.pi * K) ** 2
    np.testing.assert_allclose(found.amplitudes, wanted, rtol=0, atol=1e-12)
    # int (z - 1/4) exp(-2 pi i k z) over [1/4, 1], by parts.
    turn, w = np.exp(-0.5j * np.pi * K), 2j * np.pi * K
    whole = np.abs(-0.75 / w + (turn - 1) / w**2)
    np.testing.assert_allclose(found.amplitudes_with_chord, whole, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.breakpoints, [0.25], rtol=0, atol=1e-15)
    np.testing.assert_array_equal(found.slopes, [0, 1])
    assert found.decay_constant == pytest.approx(2 / (2 * np.pi) ** 2, abs=1e-15)
    assert found.largest_constant == pytest.approx(found.decay_constant, abs=1e-15)


def test_a_triangle_on_its_own_interval_in_closed_form():
    found = exact_spectrum_of(TRIANGLE, interval=(4, 6))
    wanted = np.where(K % 2, 2 / (np.pi * K) ** 2, 0)
    for amplitudes in (found.amplitudes, found.amplitudes_with_chord):
        np.testing.assert_allclose(amplitudes, wanted, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.nodes, [4, 5, 6], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.values, [0, 1, 0], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.slopes, [1, -1], rtol=0, atol=1e-12)
    assert found.decay_constant == pytest.approx(2 / np.pi**2, abs=1e-12)
    # Even frequencies vanish up to rounding and are left out of the fit.
    np.testing.assert_array_equal(found.resolved(), K % 2 == 1)
    assert found.decay_exponent == pytest.approx(-2, abs=1e-9)


@pytest.mark.parametrize("interval", [(0, 1), (-1.5, 2.5)])
def test_a_network_equals_the_dft_of_its_dense_outputs(interval):
    network, (start, end), n = mlp(1, 16, 4, 3, torch.float64), interval, 2**17
    found = exact_spectrum_of(network, 50, interval)
    z = torch.arange(n + 1, dtype=torch.float64)[:, None] / n
    with torch.no_grad():
        f = network(start + (end - start) * z)[:, 0].numpy()
    chordless = (f - f[0] - (f[-1] - f[0]) * z[:, 0].numpy())[:-1]
    dft = np.abs(np.fft.rfft(chordless))[1:51] / n
    # Aliases of a k^-2 spectrum: at most C sum_m 2/(m n)^2.
    assert np.abs(found.amplitudes - dft).max() < 4 * found.decay_constant / n**2 + 1e-15
    assert (found.amplitudes <= found.bound).all()
    assert 0 < found.decay_constant <= found.largest_constant
    outputs = np.interp(start + (end - start) * z[:, 0].numpy(), found.nodes, found.values)
    np.testing.assert_allclose(outputs, f, rtol=0, atol=1e-13)
    np.testing.assert_allclose(
        np.diff(found.values) / np.diff(found.nodes), found.slopes, rtol=1e-6, atol=1e-9
    )


def test_an_interval_is_a_change_of_the_first_layer():
    network = mlp(1, 8, 3, 1, torch.float64)
    moved = mlp(1, 8, 3, 1, torch.float64)
    with torch.no_grad():
        moved[0].bias += moved[0].weight[:, 0] * -3
        moved[0].weight *= 5
    one, other = exact_spectrum_of(network, 30, (-3, 2)), exact_spectrum_of(moved, 30)
    np.testing.assert_allclose(one.amplitudes, other.amplitudes, rtol=1e-10)
    np.testing.assert_allclose(one.breakpoints, 5 * other.breakpoints - 3, atol=1e-12)
    np.testing.assert_allclose(one.slopes, other.slopes / 5, atol=1e-12)


def test_memory_does_not_grow_with_frequencies_and_results_do_not_depend_on_blocks(monkeypatch):
    network = mlp(1, 16, 3, 5, torch.float64)
    whole = exact_spectrum_of(network, 1000)
    monkeypatch.setattr("spectral_bias.toolkit.exact.piecewise_linear.BLOCK", 100)
    np.testing.assert_allclose(exact_spectrum_of(network, 1000).amplitudes, whole.amplitudes)


def test_a_fit_from_a_high_frequency_finds_the_fall_of_kinks():
    network = mlp(1, 16, 3, 5, torch.float64)
    found = exact_spectrum_of(network, 20_000, fit_from=200)
    assert found.decay_exponent == pytest.approx(-2, abs=0.05)
    assert found.fit_from == 200


def test_a_straight_line_has_no_spectrum_but_that_of_its_cut():
    found = exact_spectrum_of(LINE, 10, (0, 4))
    assert (found.decay_constant, len(found.breakpoints)) == (0, 0)
    np.testing.assert_array_equal(found.amplitudes, 0)
    np.testing.assert_allclose(found.amplitudes_with_chord, 8 / (2 * np.pi * K[:10]))
    assert np.isnan(found.decay_exponent)
    assert str(found) == (
        "0 breakpoints on [0, 4]; |f~(k)| <= C/k^2 with C = 0, at most 0.4053 with weights of "
        "these magnitudes"
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"interval": (1, 1)}, "interval: from 1 to 1; give two numbers, the smaller first"),
        ({"interval": (0, np.inf)}, "interval: from 0 to inf; give two numbers, the smaller first"),
        ({"max_frequency": 0}, "max_frequency: 0; give a positive integer, such as 200"),
        ({"fit_from": 300}, "fit_from: 300 is not between 1 and max_frequency, 200"),
    ],
)
def test_arguments_out_of_range_are_refused(options, said):
    with pytest.raises(UserError) as caught:
        exact_spectrum_of(HINGE, **options)
    assert str(caught.value) == said


def test_a_network_that_overflows_is_refused():
    with pytest.raises(UserError, match="network: its values are too large for float64"):
        exact_spectrum_of(state(([[1e300]], [0.0]), ([[1e300]], [0.0])))


def test_files_keep_all_digits(tmp_path):
    found = exact_spectrum_of(mlp(1, 8, 3, 1), 30, (-3, 2))
    files = found.to_csv(tmp_path)
    assert found.to_json(tmp_path / "a.json") == tmp_path / "a.json"
    spectrum, breakpoints = map(pd.read_csv, files)
    pd.testing.assert_frame_equal(spectrum, found.table(), rtol=1e-14, atol=0)
    pd.testing.assert_frame_equal(breakpoints, found.breakpoint_table(), rtol=1e-14, atol=0)
    facts = json.loads((tmp_path / "a.json").read_text())
    assert facts["decay_constant"] == found.decay_constant
    assert facts["nodes"] == found.nodes.tolist()
    assert facts["n_breakpoints"] == len(found.breakpoints) > 0
    assert "one-sided" in facts["about"]["amplitudes"]
    exact_spectrum_of(LINE, 10).to_json(tmp_path / "line.json")
    assert json.loads((tmp_path / "line.json").read_text())["decay_exponent"] is None


def test_the_panels_show_breakpoints_amplitudes_and_the_bound():
    found, axes = exact_spectrum_of(TRIANGLE, 9, (4, 6)), Figure().add_subplot()
    assert found.plot(axes) is axes
    dots, bound = axes.get_lines()
    np.testing.assert_array_equal(dots.get_xdata(), [1, 3, 5, 7, 9])
    np.testing.assert_allclose(bound.get_ydata(), found.decay_constant / np.arange(1, 10) ** 2)
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    axes = Figure().add_subplot()
    assert found.plot_function(axes) is axes
    np.testing.assert_allclose(axes.get_lines()[1].get_xdata(), [5])
    axes = Figure().add_subplot()
    exact_spectrum_of(LINE).plot(axes)
    assert [text.get_text() for text in axes.texts] == ["0: a straight line"]


def test_a_sequential_may_have_layers_without_bias():
    network = nn.Sequential(nn.Linear(1, 4, bias=False), nn.ReLU(), nn.Linear(4, 1, bias=False))
    # All kinks are at 0, the middle of the interval.
    np.testing.assert_allclose(exact_spectrum_of(network, 5, (-1, 1)).breakpoints, [0], atol=1e-15)
