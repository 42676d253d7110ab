"""Experiment 7, a delta: claims, figures 14 to 18."""

import numpy as np
import pandas as pd
import pytest
from rahaman_helpers import assert_undecided, caption, context, drawing, frame, results, table_of

from spectral_bias.data.signals import uniform_grid
from spectral_bias.experiments.rahaman2018.delta import fig14, fig15, fig16, fig17, fig18
from spectral_bias.experiments.rahaman2018.delta.claims import CLAIMS, high_shares, joint_exponents
from spectral_bias.statistics import UndecidedError

# Claims
PARAMETERS = {
    (3, 16): 321,
    (4, 16): 593,
    (6, 16): 1137,
    (3, 32): 1153,
    (3, 64): 4353,
    (3, 128): 16897,
}
SPREAD = (0.9, 1.0, 1.05, 1.05)
"""Of the networks of one setting; each setting has its networks in another order."""


def sweep(varied, shares, spread=SPREAD, parameters=None):
    """Shares that are constant over training: value of the sweep → geometric mean over members."""
    factors = np.array(spread) / np.exp(np.log(spread).mean())
    place = {value: i for i, value in enumerate(shares)}
    networks = len(spread)

    def share(value, m, iteration, band):
        return shares[value] * factors[(m + place[value]) % networks] if band == "high" else 0.9

    axes = {"member": range(networks), "iteration": (0, 100, 200), "band": ("high", "low")}
    table = table_of("share", share, **{varied: shares}, **axes)
    table = pd.DataFrame({"depth": 3, "width": 16, "weight_clip": 10.0} | dict(table.items()))
    shapes = zip(table["depth"], table["width"], strict=True)
    return table.assign(parameters=parameters or [PARAMETERS[shape] for shape in shapes])


VALUES = {"depth": (3, 4, 6), "width": (16, 32, 64, 128), "clip": (0.1, 0.4, 1.6)}


def tables(depth=(0.05, 0.1, 0.4), width=(0.05, 0.06, 0.08, 0.1), clip=(0.1, 0.3, 0.5), **options):
    shares = {"depth": depth, "width": width, "clip": clip}
    return {
        f"delta_{name}_share": sweep(
            "weight_clip" if name == "clip" else name,
            dict(zip(VALUES[name], shares[name], strict=True)),
            **options,
        )
        for name in shares
    }


def found(**options):
    named = results(CLAIMS, tables(**options))
    return {name.removeprefix("delta_"): result for name, result in named.items()}


def verdicts(**options):
    return {name: result["verdict"] for name, result in found(**options).items()}


def law(name, exponent, first=0.05):
    """Fractions of a sweep that grow as a power of what varies."""
    return tuple(first * (np.array(VALUES[name]) / VALUES[name][0]) ** exponent)


def test_share_is_the_mean_over_training_of_the_upper_half_of_the_band():
    table = sweep("depth", {3: 0.0, 6: 0.0}, spread=(1.0,))
    high = table["band"] == "high"
    table.loc[high, "share"] = table.loc[high, "iteration"].map({0: 0.0, 100: 0.2, 200: 0.7})
    shares = high_shares(table, "depth")
    assert list(shares) == [3, 6]
    assert shares[6][0] == 1137
    np.testing.assert_allclose(shares[6][1], [0.3])


def test_the_papers_order_holds():
    holding = found(depth=law("depth", 3), width=law("width", 1 / 3), clip=law("clip", 1 / 2))
    assert {result["verdict"] for result in holding.values()} == {"holds"}
    assert {result["unit"] for result in holding.values()} == {"networks (seeds)"}
    values = {name: result["value"] for name, result in holding.items()}
    assert values == pytest.approx(
        {
            **{"depth_helps": 8, "width_helps": 2, "clip_helps": 4},
            "width_helps_less_than_depth": 1 / 3 - 3 / 2,
            # Depth 6 has 1137 parameters, width 32 is nearest with 1153.
            "deep_beats_wide_at_equal_size": 0.4 / (0.05 * 2 ** (1 / 3)),
        },
        rel=1e-5,
    )
    assert "1137" in holding["deep_beats_wide_at_equal_size"]["statistic"]


@pytest.mark.parametrize(
    ("options", "failing"),
    [
        ({"depth": (0.05, 0.055, 0.06)}, {"depth_helps", "width_helps_less_than_depth"}),
        ({"depth": (0.05, 0.05, 0.05)}, {"depth_helps", "width_helps_less_than_depth"}),
        ({"width": (0.05, 0.045, 0.04, 0.03)}, {"width_helps"}),
        ({"width": (0.05, 0.5, 0.6, 0.7)}, {"deep_beats_wide_at_equal_size"}),
        ({"clip": (0.5, 0.3, 0.1)}, {"clip_helps"}),
        ({"clip": (0.1, 0.11, 0.12)}, {"clip_helps"}),
    ],
)
def test_the_opposite_fails(options, failing):
    fails = {name for name, verdict in verdicts(**options).items() if verdict == "fails"}
    assert fails >= failing


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("depth_helps", {"depth": law("depth", 1)}),
        ("width_helps", {"width": (0.05, 0.051, 0.05, 0.05)}),
        ("width_helps_less_than_depth", {"depth": law("depth", 1), "width": law("width", 1 / 2)}),
        ("clip_helps", {"clip": law("clip", 1 / 4)}),
        ("deep_beats_wide_at_equal_size", {"width": (0.05, 0.41, 0.4, 0.4)}),
    ],
)
def test_what_lies_near_the_border_is_not_tested(name, near):
    assert verdicts(**near)[name] == "not tested"


def test_the_middle_of_a_sweep_counts_as_well():
    """Both ends are alike; the values between them fall, so that more width does less."""
    falling = found(width=(0.05, 0.4, 0.1, 0.05))["width_helps"]
    assert falling["value"] < 1
    assert found(width=(0.05, 0.1, 0.4, 0.05))["width_helps"]["value"] > 1


def test_a_network_that_both_sweeps_hold_counts_once():
    width = (0.05, 0.1, 0.1, 0.2)
    made = tables(depth=law("depth", 1), width=width, spread=(1.0,))
    a, b = joint_exponents(made["delta_depth_share"], made["delta_width_share"])
    shapes = [(3, 16), (4, 16), (6, 16), (3, 32), (3, 64), (3, 128)]
    logs = np.log([0.05, 0.05 * 4 / 3, 0.1, *width[1:]])
    design = np.column_stack([np.ones(6), np.log(np.array(shapes))])
    np.testing.assert_allclose([a[0], b[0]], np.linalg.lstsq(design, logs, rcond=None)[0][1:])


def test_runs_that_differ_much_leave_claims_open():
    assert verdicts(spread=(0.2, 0.5, 3.0, 0.3))["clip_helps"] == "not tested"


def test_what_cannot_be_compared_is_said():
    made = tables() | {"delta_width_share": tables(parameters=9)["delta_width_share"]}
    sizes = results(CLAIMS, made)["delta_deep_beats_wide_at_equal_size"]
    assert sizes["verdict"] == "not tested" and "about equally many" in sizes["statistic"]
    made["delta_width_share"] = made["delta_width_share"].assign(weight_clip=1.0)
    joint = results(CLAIMS, made)["delta_width_helps_less_than_depth"]
    assert joint["verdict"] == "not tested" and "different weight clips" in joint["statistic"]
    nothing = found(clip=(0.0, 0.3, 0.5))["clip_helps"]
    assert nothing["verdict"] == "not tested" and "no high frequency" in nothing["statistic"]
    fewer = tables()
    rows = fewer["delta_clip_share"]
    fewer["delta_clip_share"] = rows[(rows["weight_clip"] > 0.1) | (rows["member"] < 3)]
    uneven = results(CLAIMS, fewer)["delta_clip_helps"]
    assert uneven["verdict"] == "not tested" and "run [3, 4] times" in uneven["statistic"]


def test_two_runs_single_settings_and_a_diverged_run_decide_nothing():
    assert_undecided(CLAIMS, tables(spread=(1.0, 1.1)), n_runs=2)
    with pytest.raises(UndecidedError, match=r"1 value\(s\) of depth"):
        high_shares(sweep("depth", {3: 0.1}), "depth")
    made = tables()
    made["delta_clip_share"].loc[0, "share"] = np.nan
    decided = {name: result["verdict"] for name, result in results(CLAIMS, made).items()}
    assert decided["delta_clip_helps"] == "not tested"
    assert decided["delta_depth_helps"] == "holds"


# Figures
N, Z = 20, uniform_grid(20)
DRAWN = {"depth": [4, 6], "width": [16, 32, 64, 96], "clip": [0.1, 2.0]}
COLUMN = {"depth": "depth", "width": "width", "clip": "weight_clip"}
MODULES = {"depth": fig15, "width": fig16, "clip": fig17}
SWEEPS = {
    f"{s}_sweep": {COLUMN[s]: v, "iterations": 101 + i} for i, (s, v) in enumerate(DRAWN.items())
}
CONTEXT = context(delta={"n_points": N, "n_runs": 3, **SWEEPS})
ITERATIONS = range(0, 81, 10)


def spectrum(sweep, iterations=ITERATIONS):
    """Magnitude that reaches 1/N at the end and twice that at k = 1."""
    magnitude = lambda value, i, k: i / 80 * (2 if k == 1 else 1) / N  # noqa: E731
    axes = {COLUMN[sweep]: DRAWN[sweep], "iteration": iterations, "frequency": range(1, N // 2)}
    return {f"delta_{sweep}_spectrum": table_of("magnitude", magnitude, **axes)}


def drawable(sweep):
    axes = {COLUMN[sweep]: DRAWN[sweep], "iteration": ITERATIONS, "member": range(3)}
    share = lambda value, i, m, band: 0.1 * m if band == "high" else 0.9  # noqa: E731
    shares = table_of("share", share, **axes, band=("low", "high"))
    return spectrum(sweep) | {f"delta_{sweep}_share": shares}


TARGET = {
    "delta_target": frame("z target", [(0.0, 0.0), (0.5, 1.0)]),
    "delta_target_spectrum": frame("frequency magnitude", [(1, 0.05), (2, 0.05)]),
}
FUNCTION = {
    "delta_clip_function": table_of(
        "prediction",
        lambda clip, i, z: 1.5 * (z == 0.5),
        weight_clip=DRAWN["clip"],
        iteration=ITERATIONS,
        z=Z,
    )
}


@pytest.mark.parametrize("sweep", MODULES)
def test_what_is_drawn_are_heatmaps_shares_and_the_target(sweep):
    data, values = MODULES[sweep].drawn(drawable(sweep), CONTEXT), DRAWN[sweep]
    assert set(data["panel"]) == {*"abcdefgh"[: len(values)], "share", "target"}
    assert data.loc[data["panel"] == "target", "magnitude"].tolist() == [1 / N]
    first = data[data["panel"] == "a"]
    assert first[COLUMN[sweep]].unique() == [min(values)]
    assert len(first) == len(ITERATIONS) * (N // 2 - 1)
    shares = data[data["panel"] == "share"]
    assert len(shares) == len(values) * len(ITERATIONS)
    first = shares[["share", "share_low", "share_high"]].to_numpy().tolist()[0]
    assert first == pytest.approx([0.1, 0.0, 0.2])


@pytest.mark.parametrize("sweep", MODULES)
def test_heatmaps_share_their_colours_and_the_bar_marks_the_target(sweep):
    figure = drawing(MODULES[sweep], MODULES[sweep].drawn(drawable(sweep), CONTEXT))
    meshes = [axes.collections[0] for axes in figure.axes if axes.get_xlabel() == "frequency $k$"]
    assert len(meshes) == len(DRAWN[sweep])
    assert [mesh.get_clim() for mesh in meshes] == [pytest.approx((0, 1.2 / N))] * len(meshes)
    # The last record on top, magnitude 1/N for k > 1.
    np.testing.assert_allclose(meshes[0].get_array()[-1, 1:], 1 / N)
    bar = figure.axes[-1]
    assert bar.get_ylabel() == r"$|\tilde{f}(k)|$"
    assert bar.get_yticklabels()[-1].get_text() == f"{1 / N:g} target"
    assert [list(line.get_ydata()) for line in bar.lines].count([1 / N, 1 / N]) == 1


def test_records_are_thinned_so_that_the_csv_stays_small():
    data = fig15.drawn(drawable("depth") | spectrum("depth", range(376)), CONTEXT)
    assert data.loc[data["panel"] == "a", "iteration"].unique().tolist() == list(range(0, 376, 5))
    assert fig15.facts(data, CONTEXT)["every"] == "every 5th iteration"


def test_fig14_draws_target_and_flat_spectrum():
    data = fig14.drawn(TARGET, CONTEXT)
    assert data["panel"].tolist() == ["a", "a", "b", "b"]
    figure = drawing(fig14, data)
    assert figure.axes[0].lines[0].get_xydata().tolist() == [[0.0, 0.0], [0.5, 1.0]]
    assert figure.axes[1].lines[0].get_ydata().tolist() == [0.05, 0.05]
    assert "1/N = 0.05 at all of them" in caption(fig14, TARGET, CONTEXT)


def test_fig18_draws_each_clip_whole_and_around_the_peak():
    data = fig18.drawn(FUNCTION, CONTEXT)
    assert data.loc[data["panel"] == "b", "weight_clip"].unique() == [2.0]
    assert data["prediction"].max() == 1.5  # unclipped
    figure = drawing(fig18, data)
    whole, near = figure.axes[0], figure.axes[2]
    assert (whole.get_xlim(), near.get_xlim()) == ((0.0, 0.95), (0.45, 0.55))
    for axes in (whole, near):
        grid = axes.collections[0].get_array()
        assert np.flatnonzero(grid[0]).tolist() == [N // 2]
        assert axes.collections[0].get_clim() == (0.0, 1.0)


@pytest.mark.parametrize(
    ("module", "made", "length", "said"),
    [
        (fig15, drawable("depth"), 101, "4, 6 linear layers, width 16, K = 10;"),
        (fig16, drawable("width"), 102, "3 linear layers, width 16, 32, 64, 96, K = 10;"),
        (fig17, drawable("clip"), 103, "6 linear layers, width 64, K = 0.1, 2;"),
        (fig18, FUNCTION, 103, "weight clips K = 0.1, 2 of Figure 17"),
    ],
    ids=lambda value: getattr(value, "TITLE", None),
)
def test_captions_name_networks_and_deviations_of_their_sweep(module, made, length, said):
    text = caption(module, made, CONTEXT)
    assert said in text
    assert f"learning rate 0.0003, {length} iterations" in text
    assert f"_sweep.iterations {length} (paper 60,000)" in text
    assert text.count("(paper 60,000)") == 1
    assert "n_points 20 (paper 200)" in text
