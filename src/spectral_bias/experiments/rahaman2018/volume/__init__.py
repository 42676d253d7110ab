"""The volume of parameters of high frequency, after Rahaman et al. 2018, Appendix D (figure 24)."""

from spectral_bias.experiments.experiment import Experiment, Figure, Measurement

EXPERIMENT = Experiment(
    sections={"volume": "settings:Volume"},
    measurements=(
        Measurement(
            "measure_volume",
            "measure:tables",
            ("volume_fraction", "volume_exponent"),
            params=lambda settings: {
                "volume": settings.rahaman2018.volume.measurement(),
                "seed": settings.seed,
            },
            minutes=60,
        ),
    ),
    figures={"fig24": Figure("volume", ("volume_fraction", "volume_exponent"))},
    claims=("claims",),
)
