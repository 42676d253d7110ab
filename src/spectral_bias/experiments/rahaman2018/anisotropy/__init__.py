"""Decay by direction in two dimensions, after Rahaman et al. 2018, Theorem 1 (figure 25)."""

from spectral_bias.experiments.experiment import Experiment, Figure, Measurement

TABLES = (
    "anisotropy_exponents",
    "anisotropy_spectrum",
    "anisotropy_scan",
    "anisotropy_facets",
)

EXPERIMENT = Experiment(
    sections={"anisotropy": "settings:Anisotropy"},
    measurements=(
        Measurement(
            "measure_anisotropy",
            "measure:tables",
            TABLES,
            params=lambda settings: {
                "anisotropy": settings.rahaman2018.anisotropy.model_dump(),
                "seed": settings.seed,
            },
        ),
    ),
    figures={"fig25": Figure("anisotropy", TABLES)},
    claims=("claims",),
)
