"""The training runs that settings name."""

from spectral_bias.config.base import Run
from spectral_bias.config.schema import Settings


def training_runs(settings: Settings) -> dict[str, Run]:
    """Resolved settings of every training run of rahaman2018, by name."""
    common = {"paper": "rahaman2018", "seed": settings.seed, "precision": settings.precision}
    return {
        name: run | common | {"run": name}
        for _, section in settings.rahaman2018
        for name, run in section.runs().items()
    }
