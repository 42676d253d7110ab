"""A training job of an autoencoder: from a file of images to its files and reconstructions."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from spectral_bias.artefacts import read_array_meta, write_arrays
from spectral_bias.data.digits import read_digits
from spectral_bias.errors import UserError
from spectral_bias.models.autoencoder import autoencoder
from spectral_bias.runtime.progress import Progress
from spectral_bias.runtime.record import JobContext, Shown, TrainingJob
from spectral_bias.seeds import derived_seed
from spectral_bias.training.autoencoder.train import (
    History,
    mean_image_loss,
    reconstructed,
    require_reconstruction,
    train_autoencoder,
)
from spectral_bias.training.runs import AutoencoderRun

SECTION = "rahaman2018.random_labels"


def train_autoencoder_run(
    run: AutoencoderRun,
    images_file: str | Path,
    folder: Path,
    context: JobContext,
) -> None:
    """Trains one autoencoder, verifies it, and reconstructs the first `n_samples` images.

    A job that was killed takes up the checkpoint in `folder`/resume if settings, code and data are
    the same.

    Writes reconstructions.npz and the files of every training job to `folder`. The first part of
    the images (`train_fraction`) trains, the rest validates.

    Raises:
        UserError: if there are fewer than `n_samples` images, if a loss is not finite, or if it
            reconstructs no better than the mean image; nothing is written then.
    """
    pixels, checksum = flat_images(images_file, run.n_samples)
    place = context.place()
    images_ND = torch.as_tensor(pixels, dtype=torch.float32, device=place)
    n_train = int(len(images_ND) * run.train_fraction)
    train_ND, validation_MD = images_ND[:n_train], images_ND[n_train:]
    seed = derived_seed(run.seed, run.run, "weights")
    network = autoencoder(pixels.shape[1], **run.network, seed=seed).to(place)
    job = TrainingJob.begin(
        run,
        folder,
        context,
        data_checksum=checksum,
        members=1,
        device=place,
    )
    with job.live() as live:
        shown = Shown(Progress(run.run, run.length, "epochs"), live)
        result = train_autoencoder(
            network,
            train_ND,
            validation_MD,
            run.training,
            derived_seed(run.seed, run.run, "batches"),
            lambda epoch, curves: shown.update(epoch, partial(autoencoder_metrics, curves)),
            fingerprint=job.key,
            checkpoint=job.resume / "autoencoder.pt",
        )
        history = result.history
        loss, mean_loss = history["validation_loss"][-1], mean_image_loss(train_ND, validation_MD)
        require_reconstruction(loss, mean_loss, f"{SECTION}.autoencoder")
    meta = {"run_key": job.key, "validation_loss": loss, "mean_image_loss": mean_loss}
    made_ND = reconstructed(network, images_ND[: run.n_samples]).cpu().numpy()
    write_arrays(folder / "reconstructions.npz", {"reconstructions": made_ND}, meta)
    state = {name: t.cpu().contiguous() for name, t in network.state_dict().items()}
    job.finish(state, history, autoencoder_metrics(history), resumed=result.resumed)


def flat_images(file: str | Path, n_samples: int) -> tuple[np.ndarray, str]:
    """(N, D) images of a file of digits, in [0, 1], and their checksum.

    Raises:
        UserError: if there are fewer than `n_samples`.
    """
    images, _ = read_digits(file)
    if n_samples > len(images):
        raise UserError(
            f"{SECTION}.n_samples: {n_samples} samples, but {Path(file).name} holds {len(images)} "
            "images; choose at most as many"
        )
    return images.reshape(len(images), -1), read_array_meta(file)["data_checksum"]


def autoencoder_metrics(history: History) -> pd.DataFrame:
    """iteration (the epoch), metric (loss/training, loss/validation), value."""
    curves = {f"loss/{part}": history[f"{part}_loss"] for part in ("training", "validation")}
    table = pd.DataFrame({"iteration": history["epoch"], **curves})
    long = table.melt("iteration", var_name="metric", value_name="value")
    return long.sort_values("iteration", kind="stable", ignore_index=True)
