"""Keeps the small files of a build in results/published/<scale> and has the pages written.

Called as one of

    python -m spectral_bias.report.published quick            # or the path of a scale file
    python -m spectral_bias.report.published overnight --part # of a build that is not whole
    python -m spectral_bias.report.published quick --pages    # the pages alone, copying nothing

`report.pages` says what the pages are.
"""

import argparse
import shutil
import sys
from pathlib import Path

from spectral_bias.errors import UserError
from spectral_bias.report.pages import PUBLISHED, write_pages
from spectral_bias.report.part import join_part

SUFFIXES = (".png", ".csv", ".json")
AGREEMENTS = "*/agreement.csv"
"""Of the papers, in the folder of a scale."""
VERDICT_FILES = ("claims.json", "checks.json")
MAX_BYTES = 2**20
"""Of one file: they all are part of the repository."""


def publish(scale: str, root: Path = Path(), *, part: bool = False) -> list[Path]:
    """Copies pictures, numbers, facts, claims and checks of a build, then writes the pages.

    Args:
        scale: its name, or the path of its file, which then is copied as well.
        root: folder of the project.
        part: the build made only some figures: what they decide joins the verdicts and comparisons
            that are published already.

    Returns:
        Published files that this build has not: they are as they were before. None for a part.

    Raises:
        UserError: there is nothing to publish, or a file is too large; nothing is copied then.
    """
    name, given = Path(scale).stem, [root / scale] if Path(scale).suffix else []
    results, target = root / "results" / name, root / PUBLISHED / name
    pictures = sorted(results.glob("figures/*/*.png"))
    if not pictures:
        raise UserError(f"{results}: no figures; run `make reproduce SCALE={scale}` first")
    files = [picture.with_suffix(suffix) for picture in pictures for suffix in SUFFIXES]
    copies = {file: target / file.parent.name / file.name for file in files}
    copies |= {file: target / file.name for file in given}
    if not part:
        comparisons = results.glob(AGREEMENTS)
        copies |= {file: target / file.parent.name / file.name for file in comparisons}
        verdicts = [results / name for name in VERDICT_FILES if (results / name).is_file()]
        copies |= {file: target / file.name for file in verdicts}
    for file in copies:
        _require_small(file)
    for file, copy in copies.items():
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    if part:
        join_part(results, target)
    write_pages(name, root)
    if part:
        return []
    there = {path for suffix in SUFFIXES for path in target.rglob(f"*{suffix}")}
    return sorted(there - {*copies.values()})


def _require_small(file: Path) -> None:
    if not file.is_file():
        raise UserError(f"{file}: no such file; build this scale again, or name another")
    if file.stat().st_size > MAX_BYTES:
        size = file.stat().st_size / 2**20
        raise UserError(f"{file}: {size:.1f} MB, but at most 1 MB is published; draw less")


def main() -> int:
    """Reads the command line; returns the exit status."""
    about = __doc__.partition("\n\n")[0]
    parser = argparse.ArgumentParser(
        prog="python -m spectral_bias.report.published", description=about
    )
    parser.add_argument("scale", help="name of a scale, or the path of its file")
    parser.add_argument(
        "--part",
        action="store_true",
        help="the build made only some figures: what they decide joins what is published",
    )
    parser.add_argument("--pages", action="store_true", help="write the pages and copy nothing")
    given = parser.parse_args()
    try:
        if given.pages:
            write_pages(given.scale)
            return 0
        kept = publish(given.scale, part=given.part)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if kept:
        names = ", ".join(str(path) for path in kept)
        print(f"warning: not in this build, kept as published before: {names}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
