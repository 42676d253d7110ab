"""One classifier's training, epoch by epoch, which can be left between any two batches.

Batches are augmented on the training device. Every epoch draws from generators of its own, seeded
by the run and the epoch's number. The same seed is set for what networks draw themselves, such as
Shake-Shake's weights.

Shape suffixes: N training images, B images of a batch, K classes, C channels, H and W pixels.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spectral_bias.runtime.interrupt import uninterrupted
from spectral_bias.seeds import derived_seed
from spectral_bias.training.classifier.augmentation.pipeline import Augmenter, Choices
from spectral_bias.training.classifier.captured import captured_on_gpu
from spectral_bias.training.classifier.label_smoothing import LabelSmoothing, placed_waves
from spectral_bias.training.classifier.momentum import MomentumSGD
from spectral_bias.training.classifier.normalisation import Normalisation
from spectral_bias.training.classifier.settings import ClassifierSettings
from spectral_bias.training.classifier.sources import ImageSource
from spectral_bias.training.position import Position
from spectral_bias.training.precision import autocast


class Epochs:
    """The state of a classifier's training, and what an epoch does to it.

    Args:
        network: is trained in place.
        source: of its images.
        settings: see there.
        teacher: see `train.train_classifier`.

    Attributes:
        position: where training stands.
        loss_sum: of the batches of the epoch that are done, on the device.
        correct: number of their images that are correctly classified, on the device.
    """

    def __init__(
        self,
        network: nn.Module,
        source: ImageSource,
        settings: ClassifierSettings,
        teacher: nn.Module | None,
    ) -> None:
        self.network, self.source, self.settings = network, source, settings
        self.teacher = teacher
        self.optimiser = MomentumSGD(network.parameters(), settings.momentum, settings.nesterov)
        normalisation = Normalisation.of(source.mean, source.std, source.device)
        self.augmenter = Augmenter(settings.augmentation, source.image_shape, normalisation)
        self.smoothing = None
        if settings.wave:
            (wave,) = placed_waves([settings.wave], source)
            self.smoothing = LabelSmoothing(wave, source.image_shape, source.device)
        state = [*network.parameters(), *network.buffers(), *self.optimiser.velocity]
        self.descend = captured_on_gpu(self._descended, state, source.device)
        self.position = Position(source.device)
        self.loss_sum, self.correct = torch.zeros(2, device=source.device)

    def run(self, number: int, seed: int, between: Callable[[], None]) -> dict[str, float]:
        """One pass over the training images; its mean loss and accuracy.

        An epoch that is under way, from a checkpoint, goes on. PyTorch's own generators are seeded
        for it; `forked` puts them back afterwards.

        Args:
            number: of the epoch.
            seed: of all that is drawn in it.
            between: called after every batch.
        """
        n = self.source.n_train
        size = min(self.settings.batch_size, n)
        n_batches = n // size
        host = torch.Generator().manual_seed(derived_seed(seed, "choices"))
        choices = self.augmenter.drawn(n_batches, size, host)
        with uninterrupted():
            if self.position.epoch != number:
                torch.manual_seed(seed)
                self.loss_sum, self.correct = torch.zeros(2, device=self.source.device)
            order = self.position.order(number, seed, n)
        self.network.train()
        left = order[: n_batches * size].split(size)[self.position.batch :]
        for pixels, labels in self.source.train_batches(left):
            with uninterrupted():
                done = self.position.batch
                share = (number - 1 + done / n_batches) / self.settings.epochs
                self._train_on(pixels, labels, choices[done], share)
                self.position.batch += 1
            between()
        return {
            "training_loss": self.loss_sum.item() / n_batches,
            "training_accuracy": self.correct.item() / (n_batches * size),
            "learning_rate": self.settings.learning_rate_at((number - 1) / self.settings.epochs),
        }

    def state(self) -> dict[str, Any]:
        """All that further training depends on, for a checkpoint."""
        return {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "position": self.position.state(),
            "sums": torch.stack([self.loss_sum, self.correct]),
            "random": _random_state(self.source.device),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Takes up where `state()` left off; also sets PyTorch's own generators."""
        device = self.source.device
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.position.load_state(state["position"])
        self.loss_sum, self.correct = state["sums"].to(device)
        of_the_cpu, *of_the_gpu = state["random"]
        torch.set_rng_state(of_the_cpu)
        for drawn in of_the_gpu if device.type == "cuda" else ():
            torch.cuda.set_rng_state(drawn, device)

    def _train_on(self, pixels: Tensor, labels: Tensor, choices: Choices, share: float) -> None:
        x, y = self.targets(pixels, labels, choices, self.position.generator)
        loss, logits = self.descend(x, y, self.settings.learning_rate_at(share))
        self.loss_sum += loss
        self.correct += (logits.argmax(1) == labels).sum()

    def targets(
        self, pixels: Tensor, labels: Tensor, choices: Choices, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """(x (B, C, H, W), targets (B, K)): the augmented batch and what it should be called.

        Waves smooth the labels of the images that the network sees; a teacher sees them too.
        """
        onehot = F.one_hot(labels, self.source.n_classes).float()
        settings = self.settings
        x, y = self.augmenter(pixels, onehot, choices, generator)
        if self.smoothing is not None:
            y = self.smoothing.smoothed(x, y)
        if self.teacher is not None:
            with torch.no_grad(), autocast(settings.precision, x.device):
                p = self.teacher(x).float().softmax(1)
            y = settings.teacher_weight * y + (1 - settings.teacher_weight) * p
        return x, y

    def _descended(self, x: Tensor, y: Tensor, rate: float | Tensor) -> tuple[Tensor, Tensor]:
        """(loss, logits (B, K)) of one batch, on which the parameters then take a step."""
        settings = self.settings
        with autocast(settings.precision, x.device):
            logits = self.network(x)
        loss = F.cross_entropy(logits.float(), y)
        loss.backward()
        self.optimiser.step(rate, settings.weight_decay, settings.gradient_clip)
        return loss.detach(), logits.detach()


@contextmanager
def forked(device: torch.device) -> Iterator[None]:
    """After it PyTorch's own generators, which epochs seed, are as before."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        yield


def _random_state(device: torch.device) -> list[Tensor]:
    """Of PyTorch's own generators: that of the CPU and that of a GPU."""
    cuda = [torch.cuda.get_rng_state(device)] if device.type == "cuda" else []
    return [torch.get_rng_state(), *cuda]
