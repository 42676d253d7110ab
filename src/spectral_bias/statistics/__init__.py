"""Statistics with their intervals, for tables, claims and figures: pure functions on arrays.

`estimates` what all of them return · `arrays` from long tables to arrays · `orders` rank
correlations of orders · intervals (95 %): `means` and interactions by Student's t, so too the
`mean_orders` of runs, `rank_correlations` by Fisher's z, `bootstrap` for statistics that are
neither.
"""

from spectral_bias.statistics.arrays import (
    dense,
    first_where,
    slope,
    t_half,
)
from spectral_bias.statistics.bootstrap import bca_interval
from spectral_bias.statistics.estimates import (
    LEVEL,
    MIN_MEMBERS,
    ROW,
    Estimate,
    UndecidedError,
    estimate_of,
    estimate_row,
    require,
)
from spectral_bias.statistics.mean_orders import mean_order
from spectral_bias.statistics.means import (
    exponential,
    interaction,
    largest_mean,
    log_ratio_interval,
    mean_interval,
    paired_difference,
    prediction_interval,
    smallest_mean,
)
from spectral_bias.statistics.of_pairs import MeanOfPairs, mean_of_pairs
from spectral_bias.statistics.orders import kendall_tau, spearman
from spectral_bias.statistics.rank_correlations import (
    partial_rank_correlation,
    rank_correlation,
    stratified_rank_correlation,
)

__all__ = [
    "LEVEL",
    "MIN_MEMBERS",
    "ROW",
    "Estimate",
    "MeanOfPairs",
    "UndecidedError",
    "bca_interval",
    "dense",
    "estimate_of",
    "estimate_row",
    "exponential",
    "first_where",
    "interaction",
    "kendall_tau",
    "largest_mean",
    "log_ratio_interval",
    "mean_interval",
    "mean_of_pairs",
    "mean_order",
    "paired_difference",
    "partial_rank_correlation",
    "prediction_interval",
    "rank_correlation",
    "require",
    "slope",
    "smallest_mean",
    "spearman",
    "stratified_rank_correlation",
    "t_half",
]
