"""The training runs that settings name."""

from spectral_bias.config.base import Run
from spectral_bias.config.schema import Settings

PAPERS = ("rahaman2018", "fridovichkeil2021")


def training_runs(settings: Settings, *papers: str) -> dict[str, Run]:
    """Resolved settings of every training run of some papers, of all unless named, by name."""
    common = {"seed": settings.seed, "precision": settings.precision}
    return {
        name: run | common | {"paper": paper, "run": name}
        for paper in papers or PAPERS
        for _, section in getattr(settings, paper)
        for name, run in section.runs().items()
    }
