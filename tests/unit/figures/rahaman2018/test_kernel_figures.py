"""Figures 5, 6, 12 and 13 on hand-made tables and on the authors' own numbers."""

import string

import numpy as np
import pandas as pd
import pytest

from spectral_bias.artefacts import read_table, write_table
from spectral_bias.experiments.rahaman2018.kernel_spectra import fig05, fig06, fig12, fig13
from spectral_bias.experiments.rahaman2018.kernel_spectra.grid import grid_tables
from spectral_bias.figures import style
from spectral_bias.figures.build import caption
from spectral_bias.reference import authors

SNAPSHOTS = {"increasing": [0, 40, 200], "white": [0, 40, 150, 300, 600]}
SPECTRA = authors("rahaman2018", "kernel_white_noise_spectra")
LOSSES = authors("rahaman2018", "kernel_white_noise_loss")
MODULES = {"fig05": fig05, "fig06": fig06, "fig12": fig12, "fig13": fig13}


def kernel_context(source="mnist", sigma=1.25, n_runs=2):
    section = {
        "network": {"depth": 6, "width": 256},
        "data": {"source": source, "classes": [3, 8], "n_samples": 2000},
        "sigma": sigma,
        "beta": 1.0,
        "gamma": 2.0,
        "learning_rate": 1e-4,
        "iterations": 5000,
        "n_runs": n_runs,
        "snapshots": SNAPSHOTS,
        "n_bins": 100,
        "grid": {"n_points": 12, "sigma": 0.08},
    }
    return {"scale": "paper", "settings": {"kernel_spectra": section}}


def spectra(members=2):
    """The authors' spectra as ours, for both kinds of noise; runs differ by 0.1 around them."""
    iteration = SPECTRA["curve"].str.extract(r"^iteration_(\d+)$")[0].astype(float)
    rows = SPECTRA.assign(
        curve=SPECTRA["curve"].where(iteration.isna(), "network"),
        iteration=iteration,
        relative_index=(SPECTRA["bin"] + 0.5) / 100,
    ).drop(columns="half_width")
    return pd.concat(
        [
            rows.assign(
                noise=noise,
                member=member,
                abs_coefficient=rows["abs_coefficient"] + 0.1 * (member - (members - 1) / 2),
            )
            for noise in ("increasing", "white")
            for member in range(members)
        ],
        ignore_index=True,
    )


def losses():
    """The authors' losses as ours, with iteration i after i updates."""
    shift = LOSSES["curve"] == "validation"
    rows = LOSSES.assign(iteration=LOSSES["iteration"] + shift)[["iteration", "curve", "mse"]]
    kinds = [("increasing", 0), ("white", 0), ("white", 1)]
    return pd.concat([rows.assign(noise=noise, member=m) for noise, m in kinds])


def shares():
    rows = [
        (noise, member, iteration, quarter, iteration / 600 + 0.1 * member, power)
        for noise, powers in {"increasing": (0.01, 0.03, 0.2, 0.76), "white": (0.25,) * 4}.items()
        for member in (0, 1)
        for iteration in (0, 200, 600)
        for quarter, power in enumerate(powers, 1)
    ]
    return pd.DataFrame(rows, columns=["noise", "member", "iteration", "quarter", "share", "power"])


@pytest.fixture(scope="module")
def kernel_tables():
    vectors, grid_spectra = grid_tables(12, 0.08)
    n = np.arange(1, 11)
    values = np.array([9.0, 3.0, 2.0, 1.2, 1.0, 0.8, 0.5, 0.5, 0.2, 0.1])
    gap = np.array([6.0, 1.0, 0.8, 0.2, 0.2, 0.2, 0.0, 0.0, 0.1, 0.1])
    return {
        "kernel_spectra": spectra(),
        "kernel_eigenvalues": pd.DataFrame(
            {"n": n, "eigenvalue": values, "above_one": values - 1, "gap": gap}
        ),
        "kernel_loss": losses(),
        "kernel_shares": shares(),
        "kernel_grid_vectors": vectors,
        "kernel_grid_spectra": grid_spectra,
    }


@pytest.mark.parametrize("source", ["mnist", "digits"])
@pytest.mark.parametrize("figure", MODULES)
def test_captions_are_filled_and_only_the_csv_is_drawn(figure, source, kernel_tables, tmp_path):
    module, context = MODULES[figure], kernel_context(source)
    write_table(tmp_path / "drawn.csv", module.drawn(kernel_tables, context))
    data = read_table(tmp_path / "drawn.csv")
    assert list(data.columns) == module.COLUMNS
    assert set(data["source"]) <= {"ours", "authors"} and data["panel"].notna().all()
    with style.look():
        drawing = module.draw(data)
        drawing.draw_without_rendering()
    assert all(axes.has_data() for axes in drawing.axes if axes.axison)
    text = caption(module, data, context)
    assert f"Figure {int(figure[3:])} of Rahaman" in text and "paper scale" in text
    assert not [name for _, name, _, _ in string.Formatter().parse(text) if name]
    assert "  " not in text and text.endswith(".")


def test_fig05_shows_means_at_the_snapshots_of_each_noise(kernel_tables):
    data = fig05.drawn(kernel_tables, kernel_context())
    network = data[data["curve"] == "network"].groupby("panel")["iteration"].unique()
    assert {letter: sorted(i) for letter, i in network.items()} == {
        "a": [0, 40],
        "b": [0, 40, 150, 300, 600],
        "c": [0, 40, 150, 300, 600],
    }
    ours = data[(data["panel"] == "b") & (data["curve"] == "pure_target")].sort_values("bin")
    read = SPECTRA[SPECTRA["curve"] == "pure_target"]["abs_coefficient"].to_numpy()
    np.testing.assert_allclose(ours["abs_coefficient"], read)
    np.testing.assert_allclose(ours["abs_coefficient_low"], read - 0.05)
    np.testing.assert_allclose(ours["abs_coefficient_high"], read + 0.05)


def test_fig05_says_what_is_arbitrary(kernel_tables):
    tables = dict(kernel_tables)
    facts = fig05.facts(fig05.drawn(tables, kernel_context()), kernel_context())
    assert facts["tied"].startswith("2 of which equal another")
    assert facts["identity"] == ""
    near = kernel_tables["kernel_eigenvalues"].assign(eigenvalue=1 + 1e-5, above_one=1e-5, gap=1e-6)
    data = fig05.drawn({**tables, "kernel_eigenvalues": near}, kernel_context())
    facts = fig05.facts(data, kernel_context())
    assert facts["tied"] == "no two of which are equal up to rounding"
    assert facts["identity"].startswith("10 are so near 1")


def test_fig05_compares_the_ends_of_the_index_only(kernel_tables):
    tables = dict(kernel_tables)
    found = fig05.agreement(fig05.drawn(tables, kernel_context()), kernel_context())
    assert len(found) == 7
    assert [entry.value for entry in found] == pytest.approx([0] * 7)
    moved = tables["kernel_spectra"]
    middle = moved["bin"].between(10, 80)
    for rows, expected in ((middle, 0.0), (moved["bin"] < 10, 0.3 * 10 / 29), (~middle, 0.3)):
        shifted = moved.assign(abs_coefficient=moved["abs_coefficient"] + 0.3 * rows)
        data = fig05.drawn({**tables, "kernel_spectra": shifted}, kernel_context())
        values = [entry.value for entry in fig05.agreement(data, kernel_context())]
        assert values == pytest.approx([expected] * 7)
    words = {entry.name.rpartition(", ")[2]: entry.meaning for entry in found}
    assert "in 29 of 29 bins" in words["network at 150"]
    assert "other draws" not in words["pure target"]


def test_other_settings_and_missing_records_are_not_compared(kernel_tables):
    context = kernel_context(source="digits")
    for module in (fig05, fig13):
        found = module.agreement(module.drawn(kernel_tables, context), context)
        assert {entry.value for entry in found} == {None}
        assert "data.source digits (authors mnist)" in found[0].meaning
    table = kernel_tables["kernel_spectra"]
    fewer = {**kernel_tables, "kernel_spectra": table[table["iteration"] != 150]}
    found = fig05.agreement(fig05.drawn(fewer, kernel_context()), kernel_context())
    missing = [entry for entry in found if entry.value is None]
    assert [entry.name.rpartition(", ")[2] for entry in missing] == ["network at 150"]
    assert "not recorded in ours" in missing[0].meaning


def test_fig13_counts_updates_in_all_curves(kernel_tables):
    data = fig13.drawn(kernel_tables, kernel_context())
    theirs = data[data["panel"] == "c"]
    first = theirs[theirs["curve"] == "validation"].sort_values("iteration").iloc[0]
    assert (first["iteration"], first["mse"]) == (1, 1.0)
    assert theirs.loc[theirs["curve"] == "training", "iteration"].min() == 0


def test_fig13_agreement_is_ratio_and_shift_of_the_dip(kernel_tables):
    value, place = fig13.agreement(fig13.drawn(kernel_tables, kernel_context()), kernel_context())
    assert (value.value, place.value) == (pytest.approx(1), 0)
    # The authors' picture: first 0.06221 at their iteration 147, which is after 148 updates.
    assert "authors 0.06221 " in value.meaning and "authors 148 " in place.meaning
    loss = kernel_tables["kernel_loss"]
    changed = loss.assign(mse=1.5 * loss["mse"], iteration=loss["iteration"] + 10)
    tables = {**kernel_tables, "kernel_loss": changed}
    value, place = fig13.agreement(fig13.drawn(tables, kernel_context()), kernel_context())
    assert (value.value, place.value) == (pytest.approx(1.5), 10)


def test_fig13_shows_shares_of_noise_that_is_there(kernel_tables):
    data = fig13.drawn(kernel_tables, kernel_context())
    quarters = data[data["quarter"].notna()].groupby("panel")["quarter"].unique()
    assert {p: sorted(q) for p, q in quarters.items()} == {"d": [3, 4], "e": [1, 2, 3, 4]}
    # The last snapshot of the increasing noise is 200.
    assert data[data["panel"] == "d"]["iteration"].max() == 200
    one = data[(data["panel"] == "e") & (data["iteration"] == 600) & (data["quarter"] == 2)]
    assert one[["share", "share_low", "share_high"]].to_numpy()[0] == pytest.approx([1.05, 1, 1.1])


def test_a_single_run_is_drawn_without_bands(kernel_tables):
    tables = {
        name: table[table["member"] == 0] if "member" in table else table
        for name, table in kernel_tables.items()
    }
    for module in (fig05, fig13):
        data = module.drawn(tables, kernel_context(n_runs=1))
        module.draw(data).draw_without_rendering()


def test_fig06_cells_are_centred_on_whole_numbers(kernel_tables):
    figure = fig06.draw(fig06.drawn(kernel_tables, kernel_context()))
    axes = figure.axes[0]
    assert axes.get_xlim() == (-0.5, 6.5) and axes.get_ylim() == (0.5, 12.5)
    cells = axes.collections[0].get_array()
    assert cells.shape == (12, 7)
    assert cells[0].argmax() == 0 and cells[-1].argmax() == 6


def test_fig12_shows_the_first_and_the_last_eigenvector(kernel_tables):
    data = fig12.drawn(kernel_tables, kernel_context())
    assert data.groupby("panel")["n"].unique().map(list).to_dict() == {"a": [1], "b": [12]}
    assert (data.loc[data["panel"] == "a", "value"] > 0).all()
    last = data[data["panel"] == "b"].sort_values("z")["value"].to_numpy()
    assert (last[1:] * last[:-1] < 0).all()
