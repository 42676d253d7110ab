"""Statistics with their intervals, for tables, claims and figures: pure functions on arrays.

`estimates` what all of them return · `arrays` from long tables to arrays · `orders` rank
correlations of orders · intervals (95 %): `means` and interactions by Student's t,
`rank_correlations` by Fisher's z, `bootstrap` for statistics that are neither.
"""

from spectral_bias.statistics.arrays import (
    dense,
    first_where,
    geometric_mean_ratio,
    resampled_mean,
    slope,
    t_half,
)
from spectral_bias.statistics.bootstrap import RESAMPLES, bca_interval, member_bootstrap
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
from spectral_bias.statistics.means import (
    interaction,
    log_ratio_interval,
    mean_interval,
    paired_difference,
    prediction_interval,
)
from spectral_bias.statistics.orders import kendall_tau, spearman
from spectral_bias.statistics.rank_correlations import (
    partial_rank_correlation,
    rank_correlation,
    stratified_rank_correlation,
)

__all__ = [
    "LEVEL",
    "MIN_MEMBERS",
    "RESAMPLES",
    "ROW",
    "Estimate",
    "UndecidedError",
    "bca_interval",
    "dense",
    "estimate_of",
    "estimate_row",
    "first_where",
    "geometric_mean_ratio",
    "interaction",
    "kendall_tau",
    "log_ratio_interval",
    "mean_interval",
    "member_bootstrap",
    "paired_difference",
    "partial_rank_correlation",
    "prediction_interval",
    "rank_correlation",
    "require",
    "resampled_mean",
    "slope",
    "spearman",
    "stratified_rank_correlation",
    "t_half",
]
