"""The one rule for names of the user that become parts of paths, page addresses and queries.

Networks name the folders of their runs, scale files the folder of all their results; both are
looked up in MLflow by a filter that has no way to quote a quote.
"""

import re

PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
LONGEST = 100
"""Characters; to a network's name a run adds what was changed, and a file system takes 255."""
TAKEN = frozenset(
    {
        *("agreement.csv", "benchmarks", "claims.json", "data", "figures", "imagenet", "logs"),
        *("mlflow", "plan", "published", "readme.md", "report.html", "resume", "tables"),
        *("tracking.json", "fridovichkeil2021", "rahaman2018"),
    }
)
"""Files and folders that the workflow makes beside those of runs and scales, in small letters."""
_SEED = re.compile(r"\.seed\d+")


def require_plain(name: str) -> str:
    """The name itself.

    Raises:
        ValueError: it cannot be part of a path or a query, or the workflow uses it otherwise.
    """
    if not PLAIN.fullmatch(name) or len(name) > LONGEST:
        shown = repr(name if len(name) <= LONGEST else f"{name[:20]}…")
        raise ValueError(
            f"{shown} cannot name files; write at most {LONGEST} letters, digits, dots, dashes and "
            "underscores, the first of them a letter or a digit"
        )
    if name.lower() in TAKEN:
        raise ValueError(f"{name!r} is the name of other results; choose another")
    if _SEED.search(name):
        raise ValueError(f"{name!r} reads like a repetition with another seed; choose another name")
    return name
