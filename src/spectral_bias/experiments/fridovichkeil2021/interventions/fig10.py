"""Figure 10: all interventions together, frequency against test accuracy."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spectral_bias.chance import near_chance
from spectral_bias.experiments.fridovichkeil2021 import axis_labels, path_spectra
from spectral_bias.experiments.fridovichkeil2021.interventions import all_models
from spectral_bias.experiments.fridovichkeil2021.interventions.models import ALL, KINDS
from spectral_bias.experiments.fridovichkeil2021.path_spectra import MEASURES
from spectral_bias.experiments.fridovichkeil2021.purposes import INTERVENTIONS
from spectral_bias.experiments.fridovichkeil2021.source_settings import NUMBERED, deviations
from spectral_bias.figures import panels, published, style
from spectral_bias.figures.agreement import Agreement, not_comparable

TITLE = "All interventions: frequency between and within classes against test accuracy"
TABLES = (
    "intervention_models",
    "intervention_correlations",
    "matched_models",
    "published_agreement",
)
CAPTION = f"""\
All interventions of Figures 5 to 9, after the abstract of Fridovich-Keil et al. \
(2021): what raises test accuracy gives functions of higher frequency overall and of lower \
frequency near the examples of each class. One marker for each trained network, upper row: on \
straight paths between test images of two classes, middle row: of one class \
({path_spectra.COUNTS}, {{sampling}}). (a, e) Test accuracy and high-frequency fraction (above \
{{high}} % of the band) as in the first author's later code, {{cloud}}(b, f) under a Hann window, \
(c, g) without the straight line between a path's first and last point, since the jump between \
them leaks into all bins (b, c, f, g are ours); (d, h) confidence, the mean probability of an \
image's own class at the paths' ends. (i, j) Spearman's rank correlation of fraction and test \
accuracy with 95 % intervals over networks by Fisher's z, widened to reach 0 where one in \
twenty permutations shows so strong an order: of each intervention, number of networks in \
brackets, and of all within interventions, so that differences between interventions play no \
part: raw {{overall_between}} between and {{overall_within}} within classes. A network counts once \
in every intervention that it is part of, the baseline in each; seeds of one setting are alike, so \
that an interval says less about other settings than it seems to. (k, l) Matched test accuracy: \
the two extremes of each intervention, trained until {{matched}}; raw fraction; triangles up: the \
one that is more accurate at the end of usual training. {{unreached}}{{lost}}{{undecided}}

{{agreement_text}}Here ({{scale}} scale): {{baseline_text}} (the baseline). {{deviations}} \
{NUMBERED}"""

LETTERS = {
    ("between", "raw"): "a",
    ("between", "hann"): "b",
    ("between", "chord_free"): "c",
    ("between", "confidence"): "d",
    ("within", "raw"): "e",
    ("within", "hann"): "f",
    ("within", "chord_free"): "g",
    ("within", "confidence"): "h",
}
ORDERS = {"between": "i", "within": "j"}
MATCHED = {"between": "k", "within": "l"}
TITLES = {"raw": "raw", "hann": "Hann window", "chord_free": "chord-free"}
COLUMNS = [
    *all_models.FACTS,
    *("kind", "measure", "test_accuracy", "fraction", "confidence"),
    *("reached", "usual_accuracy"),
    *all_models.CORRELATION,
    *("inside", "spreads"),
]
MEASURE_LOOKS = {
    "raw": {"color": "0.1", "marker": "o"},
    "hann": {"color": "0.55", "marker": "s"},
    "chord_free": {"color": "0.75", "marker": "^"},
}
AGREEMENT = "agreement"
"""Rows that are not drawn: distances from the published networks."""


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Panels a to h: networks; i, j: rank correlations; k, l: extremes at one accuracy."""
    found, base = tables["intervention_models"], all_models.baseline_of(context)
    settings, parts = context["settings"]["cifar10"], []
    for (kind, measure), letter in LETTERS.items():
        if measure == "confidence":
            rows = all_models.rows_of(found, kind, "raw", base).drop(
                columns=["fraction", "measure"]
            )
            rows = rows.assign(confidence=found[f"{kind}_confidence"])
        else:
            rows = all_models.rows_of(found, kind, measure, base)
        parts.append(rows.assign(panel=letter))
        if measure == "raw":
            cloud = published.published_cloud(settings)
            facts = {"panel": letter, "source": published.SOURCE, "kind": kind, "measure": "raw"}
            parts.append(cloud.assign(fraction=cloud[f"{kind}_fraction"], **facts))
    for kind, letter in ORDERS.items():
        parts.append(_orders(tables, kind).assign(panel=letter, source=all_models.OURS))
        matched = tables["matched_models"]
        values = {"panel": MATCHED[kind], "kind": kind, "source": all_models.OURS}
        parts.append(matched.assign(fraction=matched[f"{kind}_fraction"], **values))
    parts.append(_far(tables).assign(panel=AGREEMENT))
    return all_models.together(parts, COLUMNS)


def _far(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Distances from the published networks after the last epoch, each network once."""
    last = tables["intervention_models"].drop_duplicates("run")[["run", "epoch"]]
    return tables["published_agreement"].merge(last, on=["run", "epoch"])


def _orders(tables: Mapping[str, pd.DataFrame], kind: str) -> pd.DataFrame:
    rows = []
    for name, measure in product((ALL, *INTERVENTIONS), MEASURES):
        given = "intervention" if name == ALL else ""
        wanted = {"intervention": name, "kind": kind, "measure": measure}
        row = all_models.correlation(tables, **wanted, y="test_accuracy", given=given)
        rows.append(wanted | row)
    return pd.DataFrame(rows)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 10 from the table made by `drawn`."""
    mosaic = [list("abcd"), list("efgh"), list("ijkl")]
    figure, axes = style.new_figure(mosaic, height=5.9)
    for (kind, measure), letter in LETTERS.items():
        value = "confidence" if measure == "confidence" else "fraction"
        rows = data[data["panel"] == letter]
        title = "confidence" if measure == "confidence" else TITLES[measure]
        panels.title(axes[letter], letter, title)
        all_models.scatter(axes[letter], rows, "test_accuracy", value)
        if axes[letter].has_data():
            axis_labels.accuracy_axis(axes[letter])
        if measure == "raw":
            axes[letter].set_ylabel(f"{path_spectra.KINDS[kind]}\nhigh-frequency fraction")
    for kind, letter in ORDERS.items():
        _draw_orders(axes[letter], data[data["panel"] == letter], letter, kind)
        _draw_matched(axes[MATCHED[kind]], data[data["panel"] == MATCHED[kind]], kind)
    grey = {"linestyle": "none", "markersize": 4}
    more = [
        Line2D([], [], label=f"{MEASURES[name]} (i, j)", **grey, **look)
        for name, look in MEASURE_LOOKS.items()
    ]
    all_models.legend(figure, data[data["panel"].isin(list(LETTERS.values()))], tuple(more))
    return figure


def _draw_orders(axes: Axes, data: pd.DataFrame, letter: str, kind: str) -> None:
    """One line for all networks and each intervention, with the three measures."""
    panels.title(axes, letter, f"correlation, {kind}")
    names = list(dict.fromkeys(data["intervention"]))
    axes.axvline(0, color="0.7", linewidth=0.6, zorder=0)
    for step, (measure, look) in enumerate(MEASURE_LOOKS.items()):
        rows = data[data["measure"] == measure].set_index("intervention").reindex(names)
        low, value, high = (
            rows[name].astype(float)
            for name in ("correlation_low", "correlation", "correlation_high")
        )
        place = [rank + 0.25 * (step - 1) for rank in range(len(names))]
        axes.hlines(place, low, high, color=look["color"], linewidth=1.0)
        axes.plot(value, place, linestyle="none", markersize=2.8, **look)
    raw = data[data["measure"] == "raw"].reset_index(drop=True)
    for rank in raw.index[raw["correlation"].isna()]:
        axes.text(0.05, rank, "no order", ha="left", va="center", color="0.4", fontsize=6)
    texts = [""] * len(names)
    if kind == "between":
        texts = [f"{_name(row.intervention)}\n({row.n_models:g})" for row in raw.itertuples()]
    axes.set_yticks(range(len(names)), texts, fontsize=5.5)
    axes.tick_params(axis="y", length=0)
    axes.set(xlim=(-1.08, 1.08), ylim=(len(names) - 0.5, -0.5), xlabel="Spearman's $\\rho$")


def _draw_matched(axes: Axes, data: pd.DataFrame, kind: str) -> None:
    """Both extremes of each intervention, joined; crosses: never so accurate."""
    panels.title(axes, MATCHED[kind], f"matched, {kind}")
    data = data.dropna(subset="fraction")
    if data.empty:
        panels.empty(axes, "not measured")
        return
    names = [name for name in INTERVENTIONS if name in set(data["intervention"])]
    for rank, name in enumerate(names):
        own = data[data["intervention"] == name]
        colour = all_models.LOOKS[name]["color"]
        axes.plot(own["fraction"], [rank] * len(own), color="0.8", linewidth=0.8, zorder=1)
        best = own["usual_accuracy"].max()
        for row in own.itertuples():
            marker = "^" if row.usual_accuracy == best else "v"
            marker = marker if row.reached else "x"
            axes.plot([row.fraction], [rank], marker, color=colour, markersize=4)
    texts = [_name(name) if kind == "between" else "" for name in names]
    axes.set_yticks(range(len(names)), texts, fontsize=5.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.margins(x=0.12)
    axes.set_xlabel("high-frequency fraction")


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: settings, the overall correlations, what could not be decided."""
    settings = context["settings"]["cifar10"]
    orders = data[data["panel"].isin(list(ORDERS.values())) & (data["measure"] == "raw")]
    overall = orders[orders["intervention"] == ALL].set_index("kind")
    without = orders[orders["correlation"].isna()].drop_duplicates("intervention")
    reasons = [
        f"{', '.join(_name(name) for name in rows['intervention'])} ({reason})"
        for reason, rows in without.groupby("reason", sort=False)
    ]
    far = data[data["panel"] == AGREEMENT]
    text = published.agreement_text(far)
    return {
        **path_spectra.facts(settings),
        "deviations": deviations(settings, "interpolation"),
        **{f"overall_{kind}": all_models.correlation_text(overall.loc[kind]) for kind in KINDS},
        "undecided": f"No order of: {'; '.join(reasons)}." if reasons else "",
        "matched": _stop_text(settings["matched"]),
        "lost": _lost_text(data[data["panel"] == "a"], settings),
        "unreached": _unreached_text(data[data["panel"] == MATCHED["between"]]),
        "cloud": "light grey: 153 ResNet-18 networks that the first author published with a later "
        "paper, " if settings["data"]["source"] == "cifar10" else "",
        "agreement_text": f"{text} " if text else "",
    }  # fmt: skip


def _stop_text(stop: Mapping[str, Any]) -> str:
    texts = []
    if stop["test_accuracy"] is not None:
        texts.append(f"{100 * stop['test_accuracy']:g} % of the test images are correct")
    if stop["training_loss"] is not None:
        texts.append(f"the training loss is {stop['training_loss']:g}")
    return " or ".join(texts) or "the same accuracy (not at this scale)"


def _lost_text(rows: pd.DataFrame, settings: Mapping[str, Any]) -> str:
    """Networks near chance; of other folders of images the number of classes is not known here."""
    ours = rows[rows["source"] == all_models.OURS].drop_duplicates("run")
    runs = ours.loc[[near_chance(accuracy) for accuracy in ours["test_accuracy"]], "run"]
    if runs.empty or settings["data"]["source"] == "imagefolder":
        return ""
    return f"Near chance at the end: {', '.join(runs)}. "


def _unreached_text(rows: pd.DataFrame) -> str:
    never = rows[~rows["reached"].astype(bool)]
    if never.empty:
        return ""
    texts = [
        f"{_name(row.intervention)} {row.variant} ({100 * row.test_accuracy:.0f} %)"
        for row in never.itertuples()
    ]
    return f"Crosses never came so far: {', '.join(texts)}. "


def agreement(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> Agreement:
    """Distance of our networks from those that were published, of accuracies like theirs."""
    if context["settings"]["cifar10"]["data"]["source"] != "cifar10":
        reasons = ["the published networks are for CIFAR-10"]
        return not_comparable(published.MEASURE, published.UNIT, reasons)
    return published.agreement(_far(tables))


def _name(name: str) -> str:
    return all_models.NAMES.get(name, name)
