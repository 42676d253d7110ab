"""The Lipschitz constant and its bounds while sinusoids are fitted (rahaman2018, Eq. 7; figure 26).

Measured on the networks of Experiment 1 with equal amplitudes; nothing else is trained.
"""

from spectral_bias.experiments.experiment import Experiment, Figure, Measurement, run_files

EXPERIMENT = Experiment(
    measurements=(
        Measurement(
            "measure_lipschitz",
            "measure:measured",
            ("lipschitz_chain",),
            inputs=lambda settings: {"run": run_files("rahaman2018", "sinusoids_equal")},
            minutes=30,
        ),
    ),
    figures={"fig26": Figure("sinusoids", ("lipschitz_chain",))},
    claims=("claims",),
)
