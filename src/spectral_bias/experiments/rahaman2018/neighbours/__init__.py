"""Appendix E of Rahaman et al. 2018: nearest neighbours beside networks (figure 22)."""

from spectral_bias.experiments.experiment import Experiment, Figure, Measurement, run_files

EXPERIMENT = Experiment(
    sections={"neighbours": "settings:Neighbours"},
    measurements=(
        Measurement(
            "measure_neighbours",
            "measure:measured",
            ("neighbours_accuracy", "neighbours_spectrum", "neighbours_exponent"),
            inputs=lambda settings: {
                "cells": run_files("rahaman2018", "manifold_classification"),
                "networks": run_files("rahaman2018", "neighbours"),
            },
            params=lambda settings: settings.rahaman2018.neighbours.model_dump(
                include={"n_neighbours", "map_neighbours", "box", "box_points", "fit_bands"}
            ),
            made_from={
                "neighbours_accuracy": ("cells",),
                "neighbours_spectrum": ("networks",),
                "neighbours_exponent": ("networks",),
            },
            mem_mb=3000,
            minutes=30,
        ),
    ),
    figures={
        "fig22": Figure(
            "neighbours", ("neighbours_accuracy", "neighbours_spectrum", "neighbours_exponent")
        )
    },
    claims=("claims",),
    checks=("settings:require_neighbours_in_every_cell",),
)
