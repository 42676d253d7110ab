"""What training ensembles of small networks costs, and how much disk their files take at most."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from itertools import pairwise
from typing import Any

from spectral_bias.training.runs import AutoencoderRun, MlpRun

PIXELS = {"mnist": 28 * 28, "mnist_5k": 28 * 28, "digits": 8 * 8}
PER_CLASS = {"mnist": 6000, "mnist_5k": 500, "digits": 180}
"""Images of one digit, about."""
CLASSES = 10
KINDS_OF_NOISE = 2
"""Of Experiment 4, whose settings do not list them."""
FLOAT = 4
"""Bytes of a number."""


@dataclass(frozen=True)
class Ensemble:
    """Networks that are trained together.

    Attributes:
        run: how.
        members: how many.
        n_samples: of the training data.
        d_in: dimension of the inputs.
    """

    run: MlpRun
    members: int
    n_samples: int
    d_in: int

    def flop(self) -> int:
        """Of the whole training."""
        shape = self.run.training.shape(self.d_in)
        return self.members * self.run.length * shape.flops_per_step(self.n_samples)

    def disk_bytes(self) -> int:
        """Of parameters, those that are kept on the way, and recorded predictions."""
        training = self.run.training
        every = training.record_every
        n_records = self.run.length // every + 1 if isinstance(every, int) else len(every)
        records = {"prediction": self.n_samples, "spectral_norm": training.depth}
        numbers = (1 + len(training.parameters_at)) * training.shape(self.d_in).n_parameters
        numbers += n_records * sum(records.get(name, 0) for name in training.records)
        numbers += self.run.length // training.loss_every + 1
        return FLOAT * self.members * numbers


def ensemble(run: MlpRun, builder: str, images: Mapping[str, str]) -> Ensemble:
    """The size of an ensemble, without the data that a rule would have to fetch or to train.

    Args:
        run: how it is trained.
        builder: module that builds its problem.
        images: the source of the digits of each autoencoder.
    """
    target = run.target
    if not ("data" in target or "autoencoder" in target):
        problem, _ = import_module(builder).build(run.problem_settings())
        return Ensemble(run, len(problem.seeds), problem.n_samples, problem.d_in)
    if "autoencoder" in target:
        pixels = PIXELS[images[target["autoencoder"]]]
        return Ensemble(run, run.n_runs, target["n_samples"], pixels)
    data = target["data"]
    found = len(data["classes"]) * PER_CLASS[data["source"]] * data.get("train_fraction", 1)
    settings = len(target["noises"]) if "noises" in target else KINDS_OF_NOISE
    n_samples = data.get("n_samples") or int(found)
    return Ensemble(run, settings * run.n_runs, n_samples, PIXELS[data["source"]])


def autoencoder_flop(run: AutoencoderRun) -> int:
    """Three passes of each training image in each epoch, and one of each other image."""
    source = run.data["source"]
    images = CLASSES * PER_CLASS[source]
    trained = run.train_fraction * images
    return round(2 * _weights(run) * run.length * (3 * trained + images - trained))


def autoencoder_bytes(run: AutoencoderRun) -> int:
    """Of its parameters and the images that it reconstructs."""
    return FLOAT * (_weights(run) + run.n_samples * PIXELS[run.data["source"]])


def _weights(run: AutoencoderRun) -> int:
    units: list[Any] = [PIXELS[run.data["source"]], *run.network["hidden"], run.network["features"]]
    return 2 * sum(a * b for a, b in pairwise(units))
