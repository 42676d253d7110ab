"""Experiment 4, spectra through a kernel's eigenvectors: claims, figures 5, 6, 12 and 13."""

import numpy as np
import pandas as pd
import pytest
from rahaman_helpers import (
    assert_undecided,
    caption,
    check_results,
    context,
    drawing,
    frame,
    results,
    table_of,
)

from spectral_bias.experiments.rahaman2018.kernel_spectra import fig05, fig06, fig12, fig13
from spectral_bias.experiments.rahaman2018.kernel_spectra.claims import CHECKS, CLAIMS
from spectral_bias.experiments.rahaman2018.kernel_spectra.grid import grid_tables
from spectral_bias.reference import authors

BY_ID = {claim.id.removeprefix("kernel_"): claim for claim in CLAIMS}
NOISES, QUARTERS, RECORDED = ("increasing", "white"), (1, 2, 3, 4), (0, 40, 100, 200, 400)
ITERATIONS = np.arange(401)
# How much of the noise is fitted at the recorded iterations, for each quarter of the eigenvectors.
PAPERS = [[0, 0, 0.2, 0.9, 1], [0, 0, 0.1, 0.8, 1], [0, 0, 0, 0.7, 1], [0, 0, 0, 0.6, 1]]
AT_ONCE, NEVER = [[0, 0, 0.9, 1, 1]] * 4, [[0, 0, 0, 0, 0.1]] * 4


# Claims
def tables(fitted=PAPERS, dip=90, best=0.1, final=0.4, members=4, white=1.2):
    """Both kinds of noise are fitted alike; the validation loss is `best` at `dip`.

    With white noise it is larger throughout, by the factor `white` and 1 % for each member.

    The distance from the pure target is how much of the noise is fitted, over all quarters.
    """
    validation = np.interp(ITERATIONS, [0, dip, 400], [1.0, best, final])
    way = {(q, i): fitted[q - 1][row] for q in QUARTERS for row, i in enumerate(RECORDED)}
    axes = {"noise": NOISES, "member": range(members)}

    def mse(noise, member, iteration, curve):
        if curve == "training":
            return 1.0
        late = 1 + (0.02 * member if iteration > dip else 0)
        costs = white * (1 + 0.01 * member) if noise == "white" else 1.0
        return costs * validation[iteration] * late

    def share(noise, member, quarter, iteration):
        late = 1 if iteration == 400 else 0
        return way[quarter, iteration] * (1 + 0.01 * member) + 0.002 * member * quarter * (1 - late)

    def distance(noise, member, iteration):
        return np.mean([way[q, iteration] for q in QUARTERS]) + 0.005 * member

    return {
        "kernel_loss": table_of(
            "mse", mse, **axes, iteration=ITERATIONS, curve=("validation", "training")
        ),
        "kernel_distance": table_of("distance", distance, **axes, iteration=RECORDED),
        "kernel_shares": table_of("share", share, **axes, quarter=QUARTERS, iteration=RECORDED),
        "kernel_grid_spectra": grid(lambda n: n // 2),
    }


def grid(frequency_of, n=20):
    """Spectra of n eigenvectors with all weight on one frequency each."""
    weight = lambda i, k: float(k == frequency_of(i - 1))  # noqa: E731
    return table_of("magnitude", weight, n=range(1, n + 1), frequency=range(n))


def result(name, **kinds):
    (found,) = results([BY_ID[name]], tables(**kinds)).values()
    return found


def test_all_claims_hold_on_the_papers_picture():
    for found in results(CLAIMS, tables()).values():
        assert found["verdict"] == "holds"
        assert found["n_runs"] == 4
        assert found["unit"] == "networks (seeds)" and found["ci_low"] < found["ci_high"]


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize(
    ("name", "kinds", "value"),
    [
        ("dips", {"best": 0.3}, 1.03 * 0.4 / 0.3),
        ("dip_pure", {"fitted": AT_ONCE}, 0.9),
        ("end_noised", {"fitted": NEVER}, 0.0075),
        ("high_after_dip", {"fitted": AT_ONCE}, 0.9),
    ],
)
def test_claims_fail_on_the_opposite(noise, name, kinds, value):
    found = result(f"{noise}_{name}", **kinds)
    assert (found["verdict"], found["value"]) == ("fails", pytest.approx(value, rel=0.02))


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("dips", {"best": 0.2}),
        ("dip_pure", {"fitted": [[0, 0, 0.49, 0.9, 1]] * 4}),
        ("end_noised", {"fitted": [[0, 0, 0, 0.49, 1]] * 4}),
        ("high_after_dip", {"fitted": [[0, 0, 0.49, 0.9, 1]] * 4}),
        ("low_index_first", {"fitted": [[0, 0, 0.4, 0.805, 1], *[[0, 0, 0.4, 0.8, 1]] * 3]}),
    ],
)
def test_near_the_threshold_nothing_is_decided(name, kinds):
    """Runs differ by about 0.02, and their mean lies within that of the threshold."""
    found = result(f"white_{name}", **kinds)
    assert (found["verdict"], found["undecided"]) == ("not tested", "inconclusive")
    assert found["ci_low"] < found["ci_high"]


def test_networks_are_compared_with_the_noised_target_after_half_of_training():
    """At 400 all noise is fitted; half-way, at 200, none is yet."""
    found = result("white_end_noised", fitted=[[0, 0, 0, 0, 1]] * 4)
    assert found["verdict"] == "fails" and "spectrum of iteration 200" in found["statistic"]


def test_order_of_white_noise_fails_when_reversed():
    held, failed = (result("white_low_index_first", fitted=f) for f in (PAPERS, PAPERS[::-1]))
    # At iterations 100 and 200, from the dip to half-way, the first quarter is ahead by 0.2, 0.3.
    assert held["value"] == pytest.approx(0.25, abs=0.01)
    assert failed["value"] == pytest.approx(-0.25, abs=0.02) and failed["verdict"] == "fails"


def test_each_run_is_judged_at_its_own_dip():
    """Runs whose dips lie apart: in half of them most of the noise is fitted at the dip."""
    early, late = tables(), tables(dip=190)
    made = early | {
        "kernel_loss": pd.concat(
            [early["kernel_loss"].query("member < 2"), late["kernel_loss"].query("member >= 2")]
        )
    }
    found = results([BY_ID["white_dip_pure"]], made)["kernel_white_dip_pure"]
    # Means over quarters: 0.075 at iteration 100, 0.75 at 200; and 0.005 for each member.
    assert found["value"] == pytest.approx((0.075 + 0.75) / 2 + 0.0075)
    note = "dips at iterations 90 to 190, spectra at most 10 iterations away"
    assert note in found["statistic"] and found["verdict"] == "not tested"


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ({"dip": 400, "final": 0.1}, "no dip"),
        ({"best": 2.0, "final": 3.0}, "no dip"),
        ({"dip": 390}, "no spectrum was recorded near some"),
        ({"dip": 5}, "no spectrum was recorded near some"),
    ],
)
def test_without_a_spectrum_at_a_dip_nothing_is_decided(kinds, said):
    names = ("dip_pure", "high_after_dip", "low_index_first")
    assert_undecided([BY_ID[f"white_{name}"] for name in names], tables(**kinds), said)


def test_noise_that_is_not_fitted_in_the_end_says_nothing_of_when():
    said = "fitted 0.10 of this noise"
    assert_undecided([BY_ID["white_high_after_dip"]], tables(fitted=NEVER), said)


@pytest.mark.parametrize(
    ("frequency_of", "n", "result"),
    [
        (lambda i: i // 2, 20, "passes"),
        (lambda i: 19 - i, 20, "does not pass"),
        (lambda i: (7 * i) % 20, 20, "does not pass"),
        (lambda i: i, 9, "no data"),
    ],
)
def test_order_of_the_frequencies_of_eigenvectors(frequency_of, n, result):
    found = check_results(CHECKS, {"kernel_grid_spectra": grid(frequency_of, n)})
    assert found["kernel_frequency_grows"]["result"] == result


@pytest.mark.parametrize(("white", "verdict"), [(1.2, "holds"), (0.8, "fails"), (0.985, None)])
def test_what_white_noise_costs(white, verdict):
    found = result("high_index_noise_costs_less", white=white)
    assert found["verdict"] == (verdict or "not tested")
    assert found["value"] == pytest.approx(white * np.prod([1, 1.01, 1.02, 1.03]) ** 0.25, rel=1e-5)


def test_two_runs_or_none_decide_nothing():
    for members in (2, 1):
        assert_undecided(CLAIMS, tables(members=members), n_runs=members)
    assert_undecided(CLAIMS, {name: t.iloc[:0] for name, t in tables(members=1).items()})


# Figures
SNAPSHOTS = {"increasing": [0, 40, 200], "white": [0, 40, 150, 300, 600]}
CHANGES = {"snapshots": SNAPSHOTS, "grid": {"n_points": 12, "sigma": 0.08}}
SAME = context(kernel_spectra=CHANGES)
OTHER = context(kernel_spectra=CHANGES | {"data": {"source": "digits"}})
ENDS = ("0-9", "81-99")
SPECTRA = authors("rahaman2018", "kernel_white_noise_spectra")
LOSSES = authors("rahaman2018", "kernel_white_noise_loss")


def spectra():
    """The authors' spectra as ours, for both kinds of noise; two runs 0.05 to either side."""
    iteration = SPECTRA["curve"].str.extract(r"^iteration_(\d+)$")[0].astype(float)
    curve = SPECTRA["curve"].where(iteration.isna(), "network")
    place = (SPECTRA["bin"] + 0.5) / 100
    rows = SPECTRA.assign(curve=curve, iteration=iteration, relative_index=place)
    return pd.concat(
        [
            rows.assign(noise=n, member=m, abs_coefficient=rows["abs_coefficient"] + 0.1 * m - 0.05)
            for n in NOISES
            for m in (0, 1)
        ],
        ignore_index=True,
    )


def losses():
    """The authors' losses as ours, with iteration i after i updates."""
    shift = LOSSES["curve"] == "validation"
    rows = LOSSES.assign(iteration=LOSSES["iteration"] + shift)[["iteration", "curve", "mse"]]
    kinds = [("increasing", 0), ("white", 0), ("white", 1)]
    return pd.concat([rows.assign(noise=noise, member=m) for noise, m in kinds])


@pytest.fixture(scope="module")
def made():
    vectors, grid_spectra = grid_tables(12, 0.08)
    values = np.array([9.0, 3.0, 2.0, 1.2, 1.0, 0.8, 0.5, 0.5, 0.2, 0.1])
    gap = np.array([6.0, 1.0, 0.8, 0.2, 0.2, 0.2, 0.0, 0.0, 0.1, 0.1])
    power = {"increasing": (0.01, 0.03, 0.2, 0.76), "white": (0.25,) * 4}
    axes = {"noise": NOISES, "member": (0, 1), "iteration": (0, 200, 600), "quarter": QUARTERS}
    share = table_of("share", lambda noise, m, i, quarter: i / 600 + 0.1 * m, **axes)
    share["power"] = [power[row.noise][row.quarter - 1] for row in share.itertuples()]
    return {
        "kernel_spectra": spectra(),
        "kernel_eigenvalues": frame(
            "n eigenvalue above_one gap", zip(range(1, 11), values, values - 1, gap, strict=True)
        ),
        "kernel_loss": losses(),
        "kernel_shares": share,
        "kernel_grid_vectors": vectors,
        "kernel_grid_spectra": grid_spectra,
    }


def agreement(module, tables, context=SAME):
    return module.agreement(tables, context)


def three_runs(tables):
    """The same with a third run half way between the two."""
    found = dict(tables)
    for name, value in (("kernel_spectra", "abs_coefficient"), ("kernel_loss", "mse")):
        table = tables[name]
        white = table[table["noise"] == "white"].set_index(
            [c for c in table if c not in (value, "member", "half_width")]
        )
        ends = [white[white["member"] == m][value] for m in (0, 1)]
        third = ((ends[0] + ends[1]) / 2).reset_index().assign(member=2)
        found[name] = pd.concat([table, third], ignore_index=True)
    return found


@pytest.mark.parametrize("module", [fig05, fig06, fig12, fig13])
def test_captions_name_the_figure_and_its_data(module, made):
    data = module.drawn(made, SAME)
    assert list(data.columns) == module.COLUMNS
    number = int(module.__name__[-2:])
    for given, dataset in ((SAME, "MNIST"), (OTHER, "8 x 8 digits")):
        text = caption(module, made, given)
        assert f"Figure {number} of Rahaman" in text and "paper scale" in text
        assert number in (6, 12) or f"3 and 8 ({dataset}" in text.replace("scikit-learn's ", "")


def test_fig05_shows_means_at_the_snapshots_of_each_noise(made):
    data = fig05.drawn(made, SAME)
    network = data[data["curve"] == "network"].groupby("panel")["iteration"].unique()
    assert {letter: sorted(i) for letter, i in network.items()} == {
        "a": [0, 40],
        "b": [0, 40, 150, 300, 600],
        "c": [0, 40, 150, 300, 600],
    }
    ours = data[(data["panel"] == "b") & (data["curve"] == "pure_target")].sort_values("bin")
    read = SPECTRA[SPECTRA["curve"] == "pure_target"]["abs_coefficient"].to_numpy()
    for end, shift in {"": 0, "_low": -0.05, "_high": 0.05}.items():
        np.testing.assert_allclose(ours[f"abs_coefficient{end}"], read + shift)


def test_fig05_says_what_is_arbitrary(made):
    facts = fig05.facts(fig05.drawn(made, SAME), SAME)
    assert facts["tied"].startswith("2 of which equal another")
    assert facts["identity"] == ""
    near = made["kernel_eigenvalues"].assign(eigenvalue=1 + 1e-5, above_one=1e-5, gap=1e-6)
    facts = fig05.facts(fig05.drawn(made | {"kernel_eigenvalues": near}, SAME), SAME)
    assert facts["tied"] == "no two of which are equal up to rounding"
    assert facts["identity"].startswith("10 are so near 1")


def test_fig05_compares_the_ends_of_the_index_only(made):
    assert agreement(fig05, made).value == pytest.approx(0, abs=1e-12)
    moved = made["kernel_spectra"]
    middle = moved["bin"].between(10, 80)
    for rows, expected in ((middle, 0.0), (moved["bin"] < 10, 0.3 * 10 / 29), (~middle, 0.3)):
        shifted = moved.assign(abs_coefficient=moved["abs_coefficient"] + 0.3 * rows)
        found = agreement(fig05, made | {"kernel_spectra": shifted})
        assert found.value == pytest.approx(expected, abs=1e-12)


def test_fig05_decides_either_end_of_each_curve(made):
    found = agreement(fig05, three_runs(made))
    names = [quantity.name for quantity in found.quantities]
    assert len(names) == 14 and "mean |f~| of the pure target, bins 81-99" in names
    assert {quantity.verdict for quantity in found.quantities} == {"inside"}
    moved = three_runs(made)
    moved["kernel_spectra"] = moved["kernel_spectra"].assign(
        abs_coefficient=moved["kernel_spectra"]["abs_coefficient"]
        + np.where(moved["kernel_spectra"]["curve"] == "pure_target", 0.02, 0.0)
    )
    found = agreement(fig05, moved)
    # The pure target is no draw: it has no interval to hide the shift in.
    outside = [q.name for q in found.quantities if q.verdict == "outside"]
    assert outside == [f"mean |f~| of the pure target, bins {ends}" for ends in ("0-9", "81-99")]


def test_other_settings_and_missing_records_are_not_compared(made):
    for module in (fig05, fig13):
        found = agreement(module, made, OTHER)
        assert found.value is None and found.quantities == ()
        assert "data.source digits (authors mnist)" in found.note
    fewer = made["kernel_spectra"].query("iteration != 150")
    found = agreement(fig05, made | {"kernel_spectra": fewer})
    missing = [q.name for q in found.quantities if q.ours is None]
    assert missing == [f"mean |f~| of the network at iteration 150, bins {e}" for e in ENDS]
    none = agreement(fig05, made | {"kernel_spectra": fewer.query("noise != 'white'")})
    assert none.value is None and "no spectrum was recorded" in none.note
    late = made["kernel_loss"].assign(iteration=made["kernel_loss"]["iteration"] + 1000)
    assert agreement(fig13, made | {"kernel_loss": late}).value is None


def test_fig13_counts_updates_in_all_curves(made):
    theirs = fig13.drawn(made, SAME).query("panel == 'c'")
    first = theirs[theirs["curve"] == "validation"].sort_values("iteration").iloc[0]
    assert (first["iteration"], first["mse"]) == (1, 1.0)
    assert theirs.loc[theirs["curve"] == "training", "iteration"].min() == 0


def test_fig13_agreement_is_value_and_place_of_the_dip(made):
    found = agreement(fig13, made)
    assert found.value == pytest.approx(1) and "600 points" in found.note
    value, place = found.quantities[:2]
    # The authors' picture: first 0.06221 at their iteration 147, which is after 148 updates.
    assert (value.theirs, place.theirs) == (0.06221, 148)
    assert place.theirs_low <= 144 and 152 <= place.theirs_high < 160
    loss = three_runs(made)["kernel_loss"]
    changed = loss.assign(mse=1.5 * loss["mse"], iteration=loss["iteration"] + 10)
    found = agreement(fig13, made | {"kernel_loss": changed})
    value, place = found.quantities[:2]
    assert value.ours / value.theirs == pytest.approx(1.5) and place.ours - place.theirs == 10
    # Equal runs have no spread, so no interval either; places come in steps of one iteration.
    assert (value.verdict, place.verdict) == ("not comparable", "outside")


def test_fig13_shows_shares_of_noise_that_is_there(made):
    data = fig13.drawn(made, SAME)
    quarters = data[data["quarter"].notna()].groupby("panel")["quarter"].unique()
    assert {p: sorted(q) for p, q in quarters.items()} == {"d": [3, 4], "e": [1, 2, 3, 4]}
    # The last snapshot of the increasing noise is 200.
    assert data[data["panel"] == "d"]["iteration"].max() == 200
    one = data[(data["panel"] == "e") & (data["iteration"] == 600) & (data["quarter"] == 2)]
    assert one[["share", "share_low", "share_high"]].to_numpy()[0] == pytest.approx([1.05, 1, 1.1])


@pytest.mark.parametrize("module", [fig05, fig13])
def test_a_single_run_is_drawn_without_bands(module, made):
    single = {n: t[t["member"] == 0] if "member" in t else t for n, t in made.items()}
    drawing(module, module.drawn(single, SAME))


def test_fig06_cells_are_centred_on_whole_numbers(made):
    axes = drawing(fig06, fig06.drawn(made, SAME)).axes[0]
    assert axes.get_xlim() == (-0.5, 6.5) and axes.get_ylim() == (0.5, 12.5)
    cells = axes.collections[0].get_array()
    assert cells.shape == (12, 7)
    assert cells[0].argmax() == 0 and cells[-1].argmax() == 6


def test_fig12_shows_the_first_and_the_last_eigenvector(made):
    data = fig12.drawn(made, SAME)
    assert data.groupby("panel")["n"].unique().map(list).to_dict() == {"a": [1], "b": [12]}
    assert (data.loc[data["panel"] == "a", "value"] > 0).all()
    last = data[data["panel"] == "b"].sort_values("z")["value"].to_numpy()
    assert (last[1:] * last[:-1] < 0).all()
