"""One page that shows a measurement and opens alone, offline."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from spectral_bias.artefacts import replacing
from spectral_bias.toolkit.paths.cloud import ABOUT
from spectral_bias.toolkit.paths.summary import CHORD, CHORD_TEXT, QUANTITIES

if TYPE_CHECKING:
    from spectral_bias.toolkit.paths.measurement import Measurement

TEMPLATE = "measurement.html.jinja"


def write_page(path: str | Path, measured: "Measurement", picture: Path) -> None:
    """Writes the page of one measurement.

    Args:
        path: the .html file.
        measured: what it shows.
        picture: the .png of `toolkit.paths.drawing`, which goes into the page.
    """
    environment = Environment(
        loader=PackageLoader("spectral_bias", "toolkit/paths"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template(TEMPLATE).render(
        measured=measured,
        facts=measured.facts,
        rows=summary_rows(measured.summary),
        published=measured.published.to_dict("records"),
        about_published=ABOUT,
        settings=setting_rows(measured.facts),
        picture=base64.b64encode(picture.read_bytes()).decode(),
    )
    with replacing(path) as temporary:
        temporary.write_text(text + "\n")


def summary_rows(summary: pd.DataFrame) -> list[dict[str, str]]:
    """Rows of a summary as text: kind, quantity, value, both intervals, n_paths."""
    names = {**QUANTITIES, CHORD: CHORD_TEXT}
    return [
        {
            "kind": row.kind,
            "quantity": names[row.quantity],
            "value": f"{row.value:.4f}",
            "paths": interval(row.ci_low, row.ci_high),
            "classes": interval(row.class_ci_low, row.class_ci_high),
            "n_paths": str(row.n_paths),
        }
        for row in summary.itertuples()
    ]


def interval(low: float, high: float) -> str:
    """ "0.1234 to 0.2345", or a dash where there is none."""
    return "–" if pd.isna(low) else f"{low:.4f} to {high:.4f}"


def setting_rows(facts: Any) -> list[tuple[str, str]]:
    """What was measured with, name and value, for a table."""
    sampling, images = facts["sampling"], facts["images"]
    if sampling["n_samples"] is None:
        points = f"at distance {sampling['spacing']:.6g} in normalised image space"
    else:
        points = f"{sampling['n_samples']} on every path"
    rows = [
        ("images", f"{images['source']}, {images['n_images']} of {_classes(images)}"),
        ("shape", "×".join(map(str, images["shape"]))),
        ("transform", images["transform"]),
        ("points", points),
        ("high frequencies", f"above {sampling['high']:g} of the band"),
        ("seed of the pairs", str(sampling["seed"])),
        ("precision, device", f"{sampling['precision']}, {facts['cost']['device']}"),
        ("time", f"{facts['cost']['seconds']:.1f} s for {facts['cost']['points']} points"),
        ("versions", ", ".join(f"{k} {v}" for k, v in facts["versions"].items())),
    ]
    if "network" in facts:
        rows.insert(0, ("network", _text(facts["network"])))
    return rows


def _classes(images: Any) -> str:
    names: Sequence[str] = images["class_names"]
    return "1 class" if len(names) == 1 else f"{len(names)} classes"


def _text(content: Any) -> str:
    return ", ".join(f"{key} {value}" for key, value in content.items() if value is not None)
