"""How an image classifier is trained."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from spectral_bias.training.classifier.augmentation.settings import Augmentation
from spectral_bias.training.classifier.wave import Wave

STEP_DROPS = (0.5, 0.75)
"""Fractions of all epochs after which the schedule "step" divides the learning rate by ten."""


@dataclass(frozen=True)
class ClassifierSettings:
    """How a classifier is trained.

    Attributes:
        epochs: passes over the training images; an incomplete last batch is left out.
        batch_size: images of one update.
        learning_rate: at the start.
        schedule: "cosine", to 0 at the end; "step", divided by 10 after 1/2 and 3/4 of the epochs.
        momentum: of the gradient's running sum.
        nesterov: whether the momentum is Nesterov's.
        weight_decay: factor w of the penalty w |theta|^2 / 2 on all parameters.
        gradient_clip: largest global norm of the gradient, penalty included; None for none.
        augmentation: random changes of the training images.
        wave: of label smoothing; None for true labels.
        probes: waves whose noise fitting on the test set is recorded after every epoch.
        teacher_weight: a of the targets a y + (1 - a) softmax(teacher(x)); 1 without a teacher.
        checkpoint_epochs: epochs whose parameters are kept, 0 for the untrained ones.
        stop_accuracy: training ends with the epoch that reaches this test accuracy; None: never.
        stop_loss: … that goes down to this training loss.
        precision: "float32", "tf32" (CUDA), or "bf16": products in bfloat16, weights in float32.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    schedule: str
    momentum: float
    weight_decay: float
    augmentation: Augmentation
    precision: str = "float32"
    nesterov: bool = False
    gradient_clip: float | None = None
    wave: Wave | None = None
    probes: tuple[Wave, ...] = ()
    teacher_weight: float = 1.0
    checkpoint_epochs: tuple[int, ...] = ()
    stop_accuracy: float | None = None
    stop_loss: float | None = None

    def learning_rate_at(self, share: float) -> float:
        """The learning rate when `share` of all updates is done, from 0 to 1."""
        if self.schedule == "cosine":
            return self.learning_rate * (1 + math.cos(math.pi * share)) / 2
        if self.schedule == "step":
            return self.learning_rate * 0.1 ** sum(share >= drop for drop in STEP_DROPS)
        raise ValueError(f"unknown schedule {self.schedule!r}; known: step, cosine")

    def reached(self, row: Mapping[str, float]) -> bool:
        """Whether the values after an epoch end the training early."""
        accurate = self.stop_accuracy is not None and row["test_accuracy"] >= self.stop_accuracy
        low = self.stop_loss is not None and row["training_loss"] <= self.stop_loss
        return accurate or low
