"""Draws noise fitting over a training beside its two parts."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from spectral_bias.figures import panels, style
from spectral_bias.toolkit.noise.fit import NoiseFit
from spectral_bias.toolkit.noise.history import plot

PANELS = {
    "a": ("noise_fitting", "noise fitting", style.OURS),
    "b": ("confidence_term", "its part confidence", style.BASELINE),
    "c": ("covariance_term", "its part covariance, the fit", style.LEARNT),
}


def draw(history: Sequence[NoiseFit]) -> Figure:
    """Three panels; bands are intervals over test images, the least noise fitting is dotted."""
    figure, axes = style.new_figure([list(PANELS)], height=2.1)
    for letter, (value, text, colour) in PANELS.items():
        plot(axes[letter], history, value, color=colour)
        axes[letter].xaxis.get_major_locator().set_params(integer=True)
        panels.title(axes[letter], letter, text)
    axes["c"].axhline(0, color="0.6", linewidth=0.6, zorder=0)
    return figure
