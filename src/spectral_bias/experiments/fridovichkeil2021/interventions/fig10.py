"""Figure 10: all interventions together, frequency against test accuracy."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spectral_bias.experiments.fridovichkeil2021 import axis_labels, path_spectra
from spectral_bias.experiments.fridovichkeil2021.interventions import all_models
from spectral_bias.experiments.fridovichkeil2021.interventions.models import (
    ALL,
    INTERVENTIONS,
    KINDS,
    TRAINING_TIME,
)
from spectral_bias.experiments.fridovichkeil2021.source_settings import NUMBERED, deviations
from spectral_bias.figures import panels, style

TITLE = "All interventions: frequency between and within classes against test accuracy"
TABLES = ("intervention_models", "intervention_correlations")
CAPTION = f"""\
All interventions of Figures 5 to 9 and training time, after the abstract of Fridovich-Keil et al. \
(2021): what raises test accuracy gives functions of higher frequency overall and of lower \
frequency near the examples of each class. (a, b) Test accuracy and high-frequency fraction on \
straight paths between test images of two classes (a) and of one class (b), as in Figure 2 (above \
{{high}} % of the band; {path_spectra.COUNTS}, {{sampling}}); \
one marker for each trained network. (c, d) The same in one training of the \
baseline, after epochs {{epochs}} (the untrained network is left out). (e) Spearman's rank \
correlation of fraction and test accuracy, number of models in brackets. Bars: 95 % interval over \
models by Fisher's z, widened to reach 0 where at least one in twenty permutations shows so strong \
an order; five models never decide. All networks of (a, b), each once: {{overall_between}} \
between and {{overall_within}} within classes; epochs of one training are not further models and \
count in the last row alone. Networks of one sweep are alike and each setting has one network, so \
that an interval says less about other networks than it seems to. {{undecided}}

Here ({{scale}} scale): {{baseline_text}} (the baseline). {{deviations}} {NUMBERED}"""

LETTERS = {"between": ("a", "c"), "within": ("b", "d")}
LETTER_ORDER = "e"
COLUMNS = [*all_models.COLUMNS, *all_models.CORRELATION]
KIND_LOOKS = {
    "between": {"color": style.BETWEEN, "marker": "o"},
    "within": {"color": style.WITHIN, "marker": "s"},
}


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Panels a, b: trained networks; c, d: epochs of the baseline; e: rank correlations."""
    found = tables["intervention_models"]
    during = found["intervention"] == TRAINING_TIME
    parts = []
    for kind, (trained, training) in LETTERS.items():
        rows = all_models.rows_of(found, kind, all_models.baseline_of(context))
        parts.append(rows.assign(panel=during.map({True: training, False: trained})))
    orders = []
    for name, kind in product((ALL, *INTERVENTIONS), KINDS):
        row = all_models.correlation(tables, intervention=name, kind=kind, y="test_accuracy")
        orders.append({"intervention": name, "kind": kind, **row})
    parts.append(pd.DataFrame(orders).assign(panel=LETTER_ORDER))
    wide = [part.reindex(columns=COLUMNS).astype(object) for part in parts]
    together = pd.concat(wide, ignore_index=True).infer_objects()
    return together.assign(source="ours")


def draw(data: pd.DataFrame) -> Figure:
    """Figure 10 from the table made by `drawn`."""
    figure, axes = style.new_figure(
        [["a", "b", "e"], ["c", "d", "e"]], height=4.2, width_ratios=[1, 1, 0.9]
    )
    for kind, (trained, training) in LETTERS.items():
        networks = data[data["panel"] == trained]
        panels.title(axes[trained], trained, path_spectra.KINDS[kind])
        all_models.scatter(axes[trained], networks, "test_accuracy", "high_frequency_fraction")
        panels.title(axes[training], training, f"{path_spectra.KINDS[kind]}, training time")
        _training(axes[training], data[data["panel"] == training])
        for letter in (trained, training):
            if axes[letter].has_data():
                axis_labels.accuracy_axis(axes[letter])
    for letter in LETTERS["between"]:
        axes[letter].set_ylabel("high-frequency fraction")
    _orders(axes[LETTER_ORDER], data[data["panel"] == LETTER_ORDER])
    all_models.legend(figure, data[data["panel"].isin(["a", "b"])])
    return figure


def _training(axes: Axes, data: pd.DataFrame) -> None:
    """Epochs of the baseline joined by a line, some of them named."""
    data = data.dropna(subset="high_frequency_fraction").sort_values("epoch")
    if data.empty:
        panels.empty(axes, "not measured")
        return
    accuracy, fraction = data["test_accuracy"], data["high_frequency_fraction"]
    look = {"linewidth": 0.8, "markersize": 3.5, **all_models.LOOKS[TRAINING_TIME]}
    axes.plot(accuracy, fraction, **look)
    rises = fraction.iloc[-1] >= fraction.iloc[0]
    for row, side in {0: 1, len(data) - 1: -1}.items():
        # The name stands on the inner side of the curve.
        height = -side if rises else side
        axes.annotate(
            f"epoch {data['epoch'].iloc[row]:g}",
            (accuracy.iloc[row], fraction.iloc[row]),
            xytext=(5 * side, 3 * height),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
            va="bottom" if height > 0 else "top",
            fontsize=5.5,
            color="0.3",
        )
    axes.margins(0.16)


def _orders(axes: Axes, data: pd.DataFrame) -> None:
    """One line for all models and each intervention, with both kinds of paths."""
    panels.title(axes, LETTER_ORDER, "rank correlation")
    names = list(dict.fromkeys(data["intervention"]))
    axes.axvline(0, color="0.7", linewidth=0.6, zorder=0)
    for kind, look in KIND_LOOKS.items():
        rows = data[data["kind"] == kind].set_index("intervention").reindex(names)
        low, value, high = (
            rows[name].astype(float)
            for name in ("correlation_low", "correlation", "correlation_high")
        )
        place = [rank + (-0.14 if kind == "between" else 0.14) for rank in range(len(names))]
        axes.hlines(place, low, high, color=look["color"], linewidth=1.2)
        axes.plot(value, place, linestyle="none", markersize=4, label=kind, **look)
    counts = data.drop_duplicates("intervention").reset_index(drop=True)
    for rank in counts.index[counts["correlation"].isna()]:
        blank = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
        axes.text(0, rank, "no order", ha="center", va="center", color="0.4", bbox=blank)
    texts = [f"{_name(row.intervention)}\n({row.n_models:g})" for row in counts.itertuples()]
    axes.set_yticks(range(len(names)), texts)
    axes.tick_params(axis="y", length=0)
    axes.set(xlim=(-1.08, 1.08), ylim=(len(names) - 0.5, -1.0), xlabel="Spearman's $\\rho$")
    axes.legend(loc="upper center", ncols=2, handletextpad=0.0, columnspacing=0.6)


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: settings, the overall correlations, what could not be decided."""
    settings = context["settings"]["cifar10"]
    orders = data[data["panel"] == LETTER_ORDER]
    overall = orders[orders["intervention"] == ALL].set_index("kind")
    without = orders[orders["correlation"].isna()].drop_duplicates("intervention")
    reasons = [
        f"{', '.join(_name(name) for name in rows['intervention'])} ({reason})"
        for reason, rows in without.groupby("reason", sort=False)
    ]
    epochs = sorted(data.loc[data["panel"] == "c", "epoch"].dropna().unique())
    return {
        **path_spectra.facts(settings),
        "deviations": deviations(settings, "interpolation"),
        **{f"overall_{kind}": all_models.correlation_text(overall.loc[kind]) for kind in KINDS},
        "epochs": ", ".join(f"{epoch:g}" for epoch in epochs) or "none",
        "undecided": f"Not decided: {'; '.join(reasons)}." if reasons else "",
    }


def _name(name: str) -> str:
    return all_models.NAMES.get(name, name)
