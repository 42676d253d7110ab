"""Claims on kernel spectra, on runs made to obey them, to violate them, and to leave them open."""

import numpy as np
import pandas as pd
import pytest

from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments.rahaman2018.kernel_spectra.claims import CLAIMS, relative_distance

BY_ID = {claim.id: claim for claim in CLAIMS}
ITERATIONS = np.arange(401)
RECORDED = (0, 40, 100, 200, 400)
PURE, NOISED = np.array([2.0, 1.0, 0.2, 0.2]), np.array([2.0, 1.1, 0.9, 1.0])
# How much of the noise is fitted at the recorded iterations, in each quarter of the eigenvectors.
PAPERS = {
    1: [0, 0, 0.2, 0.9, 1],
    2: [0, 0, 0.1, 0.5, 1],
    3: [0, 0, 0, 0.3, 1],
    4: [0, 0, 0, 0.2, 1],
}
AT_ONCE = {quarter: [0, 0, 0.9, 1, 1] for quarter in (1, 2, 3, 4)}
REVERSED = {5 - quarter: shares for quarter, shares in PAPERS.items()}
NEVER = {quarter: [0, 0, 0, 0, 0.1] for quarter in (1, 2, 3, 4)}


def tables(shares=PAPERS, dip=90, best=0.1, final=0.4, members=4):
    """Both kinds of noise with the same shares; the validation loss is `best` at `dip`."""
    loss, spectra, part = [], [], []
    for noise in ("increasing", "white"):
        for member in range(members):
            ids = {"noise": noise, "member": member}
            mse = np.interp(ITERATIONS, [0, dip, 400], [1.0, best, final]) * (1 + 0.02 * member)
            for curve, values in {"validation": mse, "training": 1 + 0 * mse}.items():
                loss.append(
                    pd.DataFrame({**ids, "iteration": ITERATIONS, "curve": curve, "mse": values})
                )
            for quarter, values in shares.items():
                columns = {"iteration": RECORDED, "quarter": quarter, "share": values}
                part.append(pd.DataFrame({**ids, **columns, "power": 0.25}))
            fitted = np.array([shares[q] for q in (1, 2, 3, 4)]) * (1 + 0.01 * member)
            curves = {("pure_target", np.nan): PURE, ("noised_target", np.nan): NOISED}
            for column, iteration in enumerate(RECORDED):
                network = PURE + fitted[:, column] * (NOISED - PURE)
                curves["network", iteration] = network
            for (curve, iteration), values in curves.items():
                columns = {"curve": curve, "iteration": iteration, "bin": range(4)}
                spectra.append(pd.DataFrame({**ids, **columns, "abs_coefficient": values}))
    return {
        "kernel_loss": pd.concat(loss, ignore_index=True),
        "kernel_spectra": pd.concat(spectra, ignore_index=True),
        "kernel_shares": pd.concat(part, ignore_index=True),
        "kernel_grid_spectra": grid(lambda n: n // 2),
    }


def grid(frequency_of, n=20):
    """Spectra of n eigenvectors with all weight on one frequency each."""
    rows = [(i + 1, k, float(k == frequency_of(i))) for i in range(n) for k in range(n)]
    return pd.DataFrame(rows, columns=["n", "frequency", "magnitude"])


def evaluated(name, **kinds):
    (result,) = evaluate([BY_ID[f"kernel_{name}"]], tables(**kinds))
    return result


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_all_claims_hold_on_the_papers_picture(claim):
    (result,) = evaluate([claim], tables())
    assert result["verdict"] == "holds"
    assert result["n_runs"] == (0 if claim.id == "kernel_frequency_grows" else 4)


def test_relative_distance_is_zero_at_the_pure_and_one_at_the_noised_target():
    spectra = tables()["kernel_spectra"].query("noise == 'white'")
    distance, iterations = relative_distance(spectra)
    assert iterations.tolist() == list(RECORDED)
    assert distance[0, [0, 1, 4]].tolist() == [0, 0, 1]
    # At iteration 200 bins 1 to 3 are 0.5, 0.3 and 0.2 of the way from pure to noised.
    difference = NOISED - PURE
    way = np.array([0.9, 0.5, 0.3, 0.2]) * difference
    assert distance[0, 3] == pytest.approx(way.sum() / difference.sum())


@pytest.mark.parametrize("noise", ["increasing", "white"])
@pytest.mark.parametrize(
    ("name", "kinds", "value"),
    [
        ("dips", {"best": 0.3}, 0.4 / 0.3),
        ("dip_pure", {"shares": AT_ONCE}, 0.9),
        ("end_noised", {"shares": NEVER}, 0.1),
        ("high_after_dip", {"shares": AT_ONCE}, 0.9),
    ],
)
def test_claims_fail_on_the_opposite(noise, name, kinds, value):
    result = evaluated(f"{noise}_{name}", **kinds)
    assert result["verdict"] == "fails"
    assert result["value"] == pytest.approx(value, rel=0.02)


def test_order_of_white_noise_fails_when_reversed():
    held, failed = (evaluated("white_low_index_first", shares=s) for s in (PAPERS, REVERSED))
    # At iterations 100, 200, 400 the first quarter is ahead by 0.2, 0.7 and 0.
    assert held["value"] == pytest.approx(0.3)
    assert (failed["value"], failed["verdict"]) == (pytest.approx(-0.3), "fails")


def test_the_nearest_recorded_iteration_stands_for_the_dip():
    note = evaluated("white_dip_pure", dip=160)["statistic"]
    assert "dip at iteration 160, spectrum of iteration 200" in note


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ({"dip": 400, "final": 0.1}, "no dip"),
        ({"best": 2.0, "final": 3.0}, "no dip"),
        ({"dip": 390}, "no spectrum was recorded near it"),
        ({"dip": 5}, "no spectrum was recorded near it"),
    ],
)
@pytest.mark.parametrize("name", ["dip_pure", "high_after_dip", "low_index_first"])
def test_without_a_spectrum_at_a_dip_nothing_is_decided(name, kinds, said):
    result = evaluated(f"white_{name}", **kinds)
    assert result["verdict"] == "not tested" and said in result["statistic"]


def test_noise_that_is_not_fitted_in_the_end_says_nothing_of_when():
    result = evaluated("white_high_after_dip", shares=NEVER)
    assert result["verdict"] == "not tested" and "0.10 of this noise" in result["statistic"]


@pytest.mark.parametrize(
    ("frequency_of", "n", "verdict"),
    [
        (lambda i: i // 2, 20, "holds"),
        (lambda i: 19 - i, 20, "fails"),
        (lambda i: (7 * i) % 20, 20, "fails"),
        (lambda i: i, 9, "not tested"),
    ],
)
def test_order_of_the_frequencies_of_eigenvectors(frequency_of, n, verdict):
    claim = BY_ID["kernel_frequency_grows"]
    (result,) = evaluate([claim], {"kernel_grid_spectra": grid(frequency_of, n)})
    assert result["verdict"] == verdict


@pytest.mark.parametrize("claim", CLAIMS[:-1], ids=lambda claim: claim.id)
def test_two_runs_or_none_decide_nothing(claim):
    for members in (2, 1):
        (result,) = evaluate([claim], tables(members=members))
        assert result["verdict"] == "not tested" and result["n_runs"] == members
    empty = {name: table.iloc[:0] for name, table in tables(members=1).items()}
    (result,) = evaluate([claim], empty)
    assert result["verdict"] == "not tested"
