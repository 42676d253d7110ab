"""Measures the spectral bias of neural networks, and rebuilds two studies of it; see README.md."""

from importlib import import_module
from typing import Any

__version__ = "0.2.0"

_OFFERED = {
    "UserError": "spectral_bias.errors",
    "Measurement": "spectral_bias.toolkit.paths.measurement",
    "View": "spectral_bias.data.image_files",
    "measure": "spectral_bias.toolkit.paths.measure",
    "measure_paths": "spectral_bias.measurements.measured_paths",
    "compare": "spectral_bias.toolkit.paths.compare",
    "NoiseFitting": "spectral_bias.toolkit.noise.fitting",
    "NoiseFit": "spectral_bias.toolkit.noise.fit",
    "Wave": "spectral_bias.training.classifier.wave",
    "lightning_callback": "spectral_bias.toolkit.noise.adapters",
    "trainer_callback": "spectral_bias.toolkit.noise.adapters",
    "ExactSpectrum": "spectral_bias.toolkit.exact.piecewise_linear",
    "exact_spectrum_of": "spectral_bias.toolkit.exact.piecewise_linear",
}
"""Where each name is that `import spectral_bias` offers; imported when it is first used."""

__all__ = list(_OFFERED)


def __getattr__(name: str) -> Any:
    if name not in _OFFERED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_OFFERED[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_OFFERED])
