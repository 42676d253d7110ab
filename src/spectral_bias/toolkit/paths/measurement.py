"""The result of measuring one network along paths between images."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from spectral_bias.artefacts import read_json, read_table, write_json, write_table
from spectral_bias.errors import UserError
from spectral_bias.toolkit.paths.cloud import PUBLISHED
from spectral_bias.toolkit.paths.summary import CHORD, COMPARED, SUMMARY, present
from spectral_bias.toolkit.paths.summary import SPECTRA as SPECTRA_COLUMNS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMAT = 1
FILE, PATHS, SPECTRA = "measurement.json", "paths.csv", "spectra.csv"
TEXT = ("kind", "class_a", "class_b", "image_a", "image_b")
"""Columns of words, even where these look like numbers."""
COLUMNS = (*TEXT, "distance", "n_points", *COMPARED)


@dataclass(frozen=True, eq=False)
class Measurement:
    """How fast a network's class probabilities vary along straight paths between images.

    Attributes:
        name: of the network.
        paths: one row for each path: kind ("within" a class or "between" two), class_a, class_b,
            image_a, image_b (names of its ends), distance (in normalised image space), n_points,
            high_frequency_fraction (raw: cut out without a window, as published), hann_fraction,
            chord_free_fraction, total_variation, end_jump, confidence_a, confidence_b (probability
            of the end's own class; NaN where the network knows other classes), highest_a and
            highest_b (highest probability).
        spectra: kind, relative_frequency (1 is the Nyquist frequency of a path), magnitude (mean
            over classes and paths of |f~|, a sine of amplitude a has a/2), its intervals, power.
        summary: see `toolkit.paths.summary.summary_table`.
        published: see `toolkit.paths.cloud.beside_published`; no rows where that does not apply.
        facts: everything the numbers depend on: network, images, sampling, seed, precision, device,
            versions, accuracy, cost, and `cloud`, why published networks are not beside.
        notes: what a reader has to know, one sentence each.
    """

    name: str
    paths: pd.DataFrame
    spectra: pd.DataFrame
    summary: pd.DataFrame
    published: pd.DataFrame
    facts: Mapping[str, Any]
    notes: tuple[str, ...]

    def value(self, quantity: str, kind: str) -> float:
        """A number of the summary, such as value("hann_fraction", "within").

        Raises:
            KeyError: there is none of that name or kind.
        """
        table = self.summary
        found = table[(table["quantity"] == quantity) & (table["kind"] == kind)]["value"]
        if found.empty:
            raise KeyError(f"{quantity}, {kind}: the summary has no such row")
        return float(found.iloc[0])

    def sentences(self) -> list[str]:
        """What the raw fraction of each kind of paths consists of, in words."""
        found = []
        for kind in present(self.paths):
            try:
                part = self.value(CHORD, kind)
            except KeyError:
                continue
            raw, free = (
                self.value(f"{name}_fraction", kind) for name in ("high_frequency", "chord_free")
            )
            try:
                hann = f"{self.value('hann_fraction', kind):.3g} under a Hann window"
            except KeyError:
                hann = "not known under a Hann window, for which paths are too short"
            found.append(
                f"{kind}: {100 * part:.0f} % of the raw high-frequency fraction, {raw:.3g}, is the "
                f"jump between a path's two ends, not variation along it: without the straight "
                f"line between them it is {free:.3g}, {hann}"
            )
        return found

    def to_json(self, path: str | Path) -> Path:
        """Writes name, facts, summary, published and notes; without spectra and paths."""
        content = {
            "format": FORMAT,
            "name": self.name,
            "notes": list(self.notes),
            "sentences": self.sentences(),
            "summary": rows_of(self.summary),
            "published": rows_of(self.published),
            **dict(self.facts),
        }
        write_json(path, content, plain=True)
        return Path(path)

    def to_csv(self, folder: str | Path) -> tuple[Path, Path]:
        """Writes paths.csv and spectra.csv into a folder."""
        files = Path(folder) / PATHS, Path(folder) / SPECTRA
        for file, table in zip(files, (self.paths, self.spectra), strict=True):
            write_table(file, table, plain=True)
        return files

    def plot(self, ax: "Axes", label: str | None = None) -> "Axes":
        """Draws the mean spectra of both kinds of paths with their intervals over paths."""
        from spectral_bias.toolkit.paths.drawing import draw_spectra

        draw_spectra(ax, self.spectra, label)
        return ax

    def save(self, folder: str | Path) -> None:
        """Writes measurement.json, paths.csv, spectra.csv, measurement.png, .pdf and .html."""
        from spectral_bias.toolkit.paths.drawing import write_picture
        from spectral_bias.toolkit.paths.page import write_page

        folder = Path(folder)
        self.to_json(folder / FILE)
        self.to_csv(folder)
        picture = write_picture(folder / "measurement", self)
        write_page(folder / "measurement.html", self, picture)

    @classmethod
    def read(cls, folder: str | Path) -> "Measurement":
        """A measurement from the folder that `save` or the command wrote.

        Raises:
            UserError: the folder holds none, or a file of it cannot be read.
        """
        folder = Path(folder)
        for name in (FILE, PATHS, SPECTRA):
            if not (folder / name).is_file():
                raise UserError(
                    f"{folder}: holds no {name}; name a folder that measure has written"
                )
        try:
            content = read_json(folder / FILE)
            if content.pop("format") != FORMAT:
                raise ValueError(f"is not of format {FORMAT}")
            # A class may be called 01 or null.
            paths, spectra = (read_table(folder / name, TEXT) for name in (PATHS, SPECTRA))
            tables = [
                table_of(content.pop(name), columns)
                for name, columns in (("summary", SUMMARY), ("published", PUBLISHED))
            ]
            notes, name = tuple(content.pop("notes")), content.pop("name")
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise UserError(
                f"{folder}: its files are damaged or of another version ({type(error).__name__}: "
                f"{' '.join(str(error).split())}); measure again"
            ) from None
        for file, table, columns in ((PATHS, paths, COLUMNS), (SPECTRA, spectra, SPECTRA_COLUMNS)):
            if lacking := [column for column in columns if column not in table]:
                raise UserError(f"{folder}: its {file} lacks {', '.join(lacking)}; measure again")
        facts = {key: value for key, value in content.items() if key != "sentences"}
        return cls(name, paths, spectra, *tables, facts, notes)

    def __str__(self) -> str:
        accuracy = self.facts.get("accuracy")
        known = "" if accuracy is None else f", accuracy {accuracy['value']:.3f}"
        return "\n".join([f"{self.name}: {len(self.paths)} paths{known}", *self.sentences()])


def table_of(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """The inverse of `rows_of`: what is not known is NaN, also where nothing is."""
    table = pd.DataFrame(rows, columns=list(columns))
    unknown = [name for name in table if len(table) and table[name].isna().all()]
    return table.astype(dict.fromkeys(unknown, float))


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table as JSON has it: one object for each row, null for what is not known."""
    return json.loads(table.to_json(orient="records", double_precision=15))
