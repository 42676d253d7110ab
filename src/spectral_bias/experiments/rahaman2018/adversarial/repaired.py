"""Which paths do what the straight line does not."""

import pandas as pd

BENT, STRAIGHT = "bent", "straight"


def repaired(paths: pd.DataFrame) -> pd.DataFrame:
    """The bent paths that keep the class where the straight line between their ends does not.

    Args:
        paths: member, path (bent or straight), pair, keeps_class (0 or 1), and more.
    """
    pair = ["member", "pair"]
    kept = paths[paths["keeps_class"] == 1]
    straight = pd.MultiIndex.from_frame(kept.loc[kept["path"] == STRAIGHT, pair])
    bent = kept[kept["path"] == BENT]
    return bent[~pd.MultiIndex.from_frame(bent[pair]).isin(straight)]
