"""Experiment 3 of Rahaman et al. 2018: digits with label noise of one frequency."""

from spectral_bias.experiments.sections import Positive, Section, Some, SplitClassPair, Training
from spectral_bias.training.runs import Run

BASELINE = {"frequency": None, "beta": 0.0}
"""The member without noise."""


class Panel(Section):
    """One panel: every k with every beta."""

    frequencies: Some[Positive]
    betas: Some[Positive]


class Panels(Section):
    """The four panels of Figures 4 and 11; None is one that nothing is run for."""

    a: Panel | None
    b: Panel | None
    c: Panel | None
    d: Panel | None


class LabelNoise(Training):
    """Experiment 3."""

    data: SplitClassPair
    panels: Panels

    def runs(self) -> dict[str, Run]:
        """One ensemble of all settings."""
        noises = self.noises()
        return {"label_noise": self.run({"panels"}, problem="label_noise", noises=noises)}

    def noises(self) -> list[dict[str, float | None]]:
        """The distinct (k, beta) of all panels, the noise-free baseline first."""
        run = [panel for _, panel in self.panels if panel is not None]
        pairs = {(k, b) for panel in run for k in panel.frequencies for b in panel.betas}
        return [BASELINE, *({"frequency": k, "beta": beta} for k, beta in sorted(pairs))]
