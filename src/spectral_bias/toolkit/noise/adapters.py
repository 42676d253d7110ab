"""`NoiseFitting` in the training loops of Lightning and of Hugging Face's Trainer.

A callback evaluates the network after each epoch, logs noise_fitting/… through the framework, and
keeps the history in the framework's checkpoints. Labels are smoothed by one line of the user's: in
Lightning a batch may have any form, and Trainer's `compute_loss_func` never sees the images, while
a collator would smooth the labels of evaluations too.

*Lightning.*

    class Classifier(LightningModule):
        def __init__(self, network, noise):
            super().__init__()
            self.network, self.noise = network, noise

        def forward(self, x):
            return self.network(x)

        def training_step(self, batch, index):
            x, y = batch
            return F.cross_entropy(self(x), self.noise.smooth(x, y))

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters(), 1e-3)

    noise = NoiseFitting(kind="radial", cycles=1.0, images=test_set)
    trainer = Trainer(max_epochs=20, callbacks=[lightning_callback(noise)])
    trainer.fit(Classifier(network, noise), DataLoader(training_set, batch_size=64, shuffle=True))
    noise.to_csv("noise_fitting.csv")

*Hugging Face.* Data sets give dictionaries of pixel_values and labels, the model has `.logits`.

    class NoisyTrainer(Trainer):
        loss_is_scaled_for_ga = False  # compute_loss gives the mean of one batch

        def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
            labels = inputs.pop("labels")
            outputs = model(**inputs)
            targets = noise.smooth(inputs["pixel_values"], labels) if model.training else labels
            loss = F.cross_entropy(outputs.logits, targets)
            return (loss, outputs) if return_outputs else loss

    noise = NoiseFitting(kind="radial", cycles=1.0, images=test_set)
    trainer = NoisyTrainer(model, TrainingArguments("out"), train_dataset=training_set)
    trainer.add_callback(trainer_callback(noise, trainer))
    trainer.train()
    noise.to_csv("noise_fitting.csv")
"""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from spectral_bias.artefacts import replacing
from spectral_bias.errors import UserError
from spectral_bias.toolkit.noise.fitting import NoiseFitting

if TYPE_CHECKING:
    from lightning.pytorch import Callback
    from transformers import Trainer, TrainerCallback

LOGGED = ("noise_fitting", "confidence_term", "covariance_term", "clean_loss", "noisy_loss")
NAME = "noise_fitting"


def lightning_callback(noise: NoiseFitting, every: int = 1, name: str = NAME) -> "Callback":
    """A callback for Lightning's Trainer; steps of the history are finished epochs.

    The whole LightningModule is evaluated, so that its forward must return logits. Each process
    evaluates all probe images.

    Args:
        noise: whose history grows; it is saved in Lightning's checkpoints, and restored. A
            checkpoint that is made at a validation comes before the end of its epoch and lacks it;
            one of ModelCheckpoint(save_on_train_epoch_end=True) has it.
        every: epochs between evaluations.
        name: before the slash in what is logged; of several waves each needs its own.

    Raises:
        UserError: neither lightning nor pytorch_lightning is installed.
    """
    names = ("lightning.pytorch", "pytorch_lightning")
    # The package that the user has imported, where both are there.
    lightning = _imported(sorted(names, key=lambda name: name not in sys.modules), "lightning")

    class NoiseFittingCallback(lightning.Callback):
        """Evaluates noise fitting after each epoch."""

        @property
        def state_key(self) -> str:
            return name

        def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
            epoch = trainer.current_epoch + 1
            if epoch % every == 0:
                pl_module.log_dict(_logged(noise, pl_module, epoch, name))

        def state_dict(self) -> dict[str, Any]:
            return noise.state_dict()

        def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
            noise.load_state_dict(state_dict)

    return NoiseFittingCallback()


def trainer_callback(
    noise: NoiseFitting, trainer: "Trainer", every: int = 1, name: str = NAME
) -> "TrainerCallback":
    """A callback for Hugging Face's Trainer; steps of the history are finished epochs.

    Args:
        noise: whose history grows; it is saved in the Trainer's checkpoints, and restored from
            those in its output folder.
        trainer: through which values are logged.
        every: epochs between evaluations.
        name: before the slash in what is logged; of several waves each needs its own.

    Raises:
        UserError: transformers is not installed.
    """
    import torch

    transformers = _imported(["transformers"], "transformers")

    def file(args: Any, state: Any) -> Path:
        return Path(args.output_dir) / f"checkpoint-{state.global_step}" / f"{name}.pt"

    class NoiseFittingCallback(transformers.TrainerCallback):
        """Evaluates noise fitting after each epoch."""

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.global_step and file(args, state).is_file():
                noise.load_state_dict(torch.load(file(args, state), weights_only=True))

        def on_epoch_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:
            epoch = round(state.epoch)
            if epoch % every == 0:
                trainer.log(_logged(noise, given["model"], epoch, name))

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.is_world_process_zero:
                with replacing(file(args, state)) as temporary:
                    torch.save(noise.state_dict(), temporary)

    return NoiseFittingCallback()


def _logged(noise: NoiseFitting, network: Any, epoch: int, name: str) -> dict[str, float]:
    row = noise.evaluate(network, epoch).row()
    return {f"{name}/{value}": row[value] for value in LOGGED}


def _imported(names: Sequence[str], package: str) -> ModuleType:
    """The first of some modules that is there.

    Raises:
        UserError: none is; names the package to install.
    """
    for name in names:
        if find_spec(name.partition(".")[0]) is not None:
            return import_module(name)
    raise UserError(f"{package}: is not installed, and this callback needs it; install {package}")
