"""Noise fitting within other people's training loops, where these are installed."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset, TensorDataset

from spectral_bias.errors import UserError
from spectral_bias.toolkit.noise import adapters
from spectral_bias.toolkit.noise.adapters import LOGGED, lightning_callback, trainer_callback
from spectral_bias.toolkit.noise.fitting import NoiseFitting

ours_alone = pytest.mark.filterwarnings("ignore")  # of frameworks that warn of their own doings


def pictures(count, seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, 3, 4, 4, generator=generator), torch.arange(count) % 3


def probing():
    x, y = pictures(40, seed=1)
    return NoiseFitting(kind="radial", cycles=1.0, images=x, labels=y)


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(48, 8), nn.ReLU(), nn.Linear(8, 3))


def by_hand(epochs):
    """The history of the loop that both frameworks run: two batches of 20 in their order."""
    noise, net = probing(), network()
    optimiser = torch.optim.SGD(net.parameters(), 0.1)
    for epoch in range(1, epochs + 1):
        for x, y in zip(*(part.split(20) for part in pictures(40, seed=0)), strict=True):
            optimiser.zero_grad()
            F.cross_entropy(net(x), noise.smooth(x, y)).backward()
            optimiser.step()
        noise.evaluate(net, epoch)
    return noise.history


@pytest.mark.parametrize(
    ("make", "package"),
    [
        (lambda: lightning_callback(probing()), "lightning"),
        (lambda: trainer_callback(probing(), SimpleNamespace()), "transformers"),
    ],
)
def test_a_missing_framework_is_named(make, package, monkeypatch):
    monkeypatch.setattr(adapters, "find_spec", lambda name: None)
    with pytest.raises(UserError) as error:
        make()
    assert str(error.value) == (
        f"{package}: is not installed, and this callback needs it; install {package}"
    )


@ours_alone
@pytest.mark.parametrize("package", ["lightning.pytorch", "pytorch_lightning"])
def test_lightning_evaluates_logs_and_resumes(package, tmp_path):
    pl = pytest.importorskip(package)

    class Classifier(pl.LightningModule):
        def __init__(self, noise):
            super().__init__()
            self.network, self.noise = network(), noise

        def forward(self, x):
            return self.network(x)

        def training_step(self, batch, index):
            x, y = batch
            return F.cross_entropy(self(x), self.noise.smooth(x, y))

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), 0.1)

    def fit(epochs, noise, checkpoint=None):
        trainer = pl.Trainer(
            max_epochs=epochs,
            accelerator="cpu",
            callbacks=[lightning_callback(noise)],
            default_root_dir=tmp_path,
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        loader = DataLoader(TensorDataset(*pictures(40, seed=0)), batch_size=20)
        trainer.fit(Classifier(noise), loader, ckpt_path=checkpoint)
        return trainer

    expected = by_hand(3)
    first = probing()
    trainer = fit(2, first)
    assert first.history == expected[:2]
    logged = {
        name.removeprefix("noise_fitting/"): v for name, v in trainer.callback_metrics.items()
    }
    assert logged["noise_fitting"].item() == pytest.approx(first.history[1].noise_fitting)
    assert set(LOGGED) <= set(logged)
    second = probing()
    fit(3, second, trainer.checkpoint_callback.best_model_path)
    assert second.history == expected


class Dictionaries(Dataset):
    """Pictures as Hugging Face's models take them."""

    def __init__(self):
        self.x, self.y = pictures(40, seed=0)

    def __len__(self):
        return len(self.y)

    def __getitem__(self, index):
        return {"pixel_values": self.x[index], "labels": int(self.y[index])}


class WithLogits(nn.Module):
    def __init__(self):
        super().__init__()
        self.network = network()

    def forward(self, pixel_values=None, labels=None):  # Trainer drops what it does not take
        return SimpleNamespace(logits=self.network(pixel_values))


@ours_alone
def test_hugging_face_evaluates_logs_and_resumes(tmp_path):
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("accelerate")

    def fit(epochs, noise, resume=False):
        class NoisyTrainer(transformers.Trainer):
            loss_is_scaled_for_ga = False

            def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
                labels = inputs.pop("labels")
                outputs = model(**inputs)
                targets = noise.smooth(inputs["pixel_values"], labels) if model.training else labels
                loss = F.cross_entropy(outputs.logits, targets)
                return (loss, outputs) if return_outputs else loss

            def _get_train_sampler(self, *given):
                return None  # in their order, as the loop by hand

        arguments = transformers.TrainingArguments(
            output_dir=str(tmp_path),
            num_train_epochs=epochs,
            per_device_train_batch_size=20,
            learning_rate=0.1,
            lr_scheduler_type="constant",
            optim="sgd",
            max_grad_norm=0,
            save_strategy="epoch",
            report_to=[],
            disable_tqdm=True,
            use_cpu=True,
        )
        trainer = NoisyTrainer(WithLogits(), arguments, train_dataset=Dictionaries())
        trainer.add_callback(trainer_callback(noise, trainer))
        trainer.train(resume_from_checkpoint=resume)
        return trainer

    expected = by_hand(3)
    first = probing()
    trainer = fit(2, first)
    assert first.history == expected[:2]
    logged = [row for row in trainer.state.log_history if "noise_fitting/noise_fitting" in row]
    assert [row["epoch"] for row in logged] == [1, 2]
    for row, found in zip(logged, first.history, strict=True):
        assert {name: row[f"noise_fitting/{name}"] for name in LOGGED} == {
            name: found.row()[name] for name in LOGGED
        }
    second = probing()
    fit(3, second, resume=True)
    assert second.history == expected
