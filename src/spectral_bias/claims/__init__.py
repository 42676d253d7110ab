"""Claims of both papers and their verdicts; `registry.py` says what a claim is."""

from spectral_bias.claims import fridovichkeil2021, rahaman2018
from spectral_bias.claims.registry import Claim, Estimate, evaluate, verdict

ALL_CLAIMS: tuple[Claim, ...] = (*rahaman2018.CLAIMS, *fridovichkeil2021.CLAIMS)

__all__ = ["ALL_CLAIMS", "Claim", "Estimate", "by_id", "evaluate", "verdict"]


def by_id() -> dict[str, Claim]:
    """All claims by their id."""
    return {claim.id: claim for claim in ALL_CLAIMS}
