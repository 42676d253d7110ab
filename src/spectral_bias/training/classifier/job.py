"""A training job of an image classifier: from files of images to the run's files."""

import math
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import pandas as pd
import torch

from spectral_bias.artefacts import read_tensors, write_tensors
from spectral_bias.chance import near_chance
from spectral_bias.models.resnet import n_parameters
from spectral_bias.provenance import data_key
from spectral_bias.runtime.progress import Progress
from spectral_bias.runtime.record import JobContext, Shown, TrainingJob
from spectral_bias.seeds import derived_seed
from spectral_bias.training.classifier.finished import classifier_network, finished_network
from spectral_bias.training.classifier.sources import ImageSource
from spectral_bias.training.classifier.train import (
    CURVES,
    History,
    kept_epochs,
    state_of,
    train_classifier,
)
from spectral_bias.training.classifier.wave import Wave
from spectral_bias.training.divergence import explosions
from spectral_bias.training.runs import ClassifierRun


def train_classifier_run(
    run: ClassifierRun,
    load: Callable[[torch.device], tuple[ImageSource, str]],
    folder: Path,
    context: JobContext,
    teacher_folder: Path | None = None,
) -> None:
    """Trains one run and writes model.safetensors, epochs.safetensors, history.npz, … to `folder`.

    `load` gives the images on a device, and their checksum (see `loaded_images`, `folder_images`).
    A job that was killed takes up the checkpoint in `folder`/resume if settings, code and data are
    the same; it loses the epochs since then.

    Raises:
        UserError: the network cannot be built, a class has too few images, the teacher tells
            another number of classes, or a loss is not finite; nothing is written then.
    """
    torch.set_flush_denormal(True)  # momenta that die out would slow every update
    place = context.place()
    source, checksum = load(place)
    network = classifier_network(run, source.n_classes)
    teacher = None
    if teacher_folder:
        teacher, record = finished_network(teacher_folder, source.n_classes, source.device)
        checksum = data_key(checksum, record["run_key"])
    job = TrainingJob.begin(
        run,
        folder,
        context,
        data_checksum=checksum,
        members=1,
        device=place,
        more={"n_classes": source.n_classes, "n_parameters": n_parameters(network)},
    )
    checkpoint = job.resume / "classifier.pt"
    probes = run.training.probes
    with job.live() as live:
        shown = Shown(Progress(run.run, run.length, "epochs"), live)
        result = train_classifier(
            network,
            source,
            run.training,
            seed=derived_seed(run.seed, run.run, "batches"),
            teacher=teacher,
            fingerprint=job.key,
            checkpoint=checkpoint,
            observer=lambda epoch, curves: shown.update(
                epoch, partial(classifier_metrics, curves, probes)
            ),
        )
    kept = {epoch: read_tensors(file) for epoch, file in kept_epochs(checkpoint).items()}
    states = {f"{epoch}/{name}": t for epoch, state in kept.items() for name, t in state.items()}
    write_tensors(folder / "epochs.safetensors", states, {"run_key": job.key})
    metrics = classifier_metrics(result.history, probes)
    job.finish(
        state_of(result.network),
        result.history,
        metrics,
        resumed=result.resumed,
        warnings=classifier_warnings(run, result.history, source.n_classes),
    )


def classifier_warnings(run: ClassifierRun, history: History, n_classes: int) -> list[str]:
    """What readers have to know of a run: its loss exploded, or it has hardly learnt anything.

    The first loss that is recorded is a mean over the first epoch, which may have exploded itself:
    a network that explodes does so within some steps. In its place is that of equal probabilities
    for all classes, log K whatever the targets are, where an untrained network begins.
    """
    start, end = math.log(n_classes), history["training_loss"][-1]
    warnings = explosions([start], [end], run.training.learning_rate)
    accuracy = history["test_accuracy"][-1]
    if near_chance(accuracy, n_classes):
        warnings.append(
            f"ends at a test accuracy of {100 * accuracy:.1f} %, near the {100 / n_classes:.2g} % "
            "of chance: what is measured on it says little"
        )
    return warnings


def wave_name(wave: Wave) -> str:
    """A wave as a part of a metric's name, such as radial_0.038 or fourier_0.1_at_5.7."""
    size = wave.frequency if wave.cycles is None else f"{wave.cycles}cycles"
    name = f"{wave.kind.replace('/', '_')}_{size}"
    if wave.spatial_frequency is not None:
        name += f"_at_{wave.spatial_frequency}"
    return name + (f"_{wave.seed}" if wave.seed else "")


def classifier_metrics(history: History, probes: Iterable[Wave] = ()) -> pd.DataFrame:
    """iteration (the epoch), metric (loss/training, …), value, in the order of epochs.

    Noise fitting of the probed waves is called noise_fitting/<`wave_name`>, by their order, and the
    part of it that knows the wave covariance_term/<`wave_name`>.
    """
    table = pd.DataFrame({"iteration": history["epoch"]})
    for name in CURVES:
        part, _, what = name.partition("_")
        metric = f"{what}/{part}" if part in ("training", "test") else name
        table[metric] = history[name]
    fitting = history["clean_test_loss"] - history["noisy_test_loss"]
    for index, wave in enumerate(probes):
        table[f"noise_fitting/{wave_name(wave)}"] = fitting[:, index]
        table[f"covariance_term/{wave_name(wave)}"] = history["covariance_term"][:, index]
    long = table.melt("iteration", var_name="metric", value_name="value")
    return long.sort_values("iteration", kind="stable", ignore_index=True)
