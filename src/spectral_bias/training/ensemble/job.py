"""A training job: from a problem file to the run's files, shown while it goes on."""

from pathlib import Path

from spectral_bias.data.problem import read_problem
from spectral_bias.runtime.progress import Progress
from spectral_bias.runtime.record import JobContext, Shown, TrainingJob
from spectral_bias.training.divergence import explosions
from spectral_bias.training.ensemble.metrics import run_metrics
from spectral_bias.training.ensemble.train import TrainingView, train
from spectral_bias.training.runs import MlpRun


def train_run(
    run: MlpRun,
    problem_file: str | Path,
    folder: Path,
    context: JobContext,
) -> None:
    """Trains one run and writes model.safetensors, history.npz, metrics.csv, run.json to `folder`.

    A job that was killed takes up the checkpoints in `folder`/resume if settings, code and data are
    the same.

    Raises:
        UserError: the loss of a member is not finite; nothing is written then.
    """
    problem, facts, meta = read_problem(problem_file)
    place = context.place()
    job = TrainingJob.begin(
        run,
        folder,
        context,
        data_checksum=meta["data_checksum"],
        members=len(problem.seeds),
        device=place,
    )
    unit = f"iterations of {len(problem.seeds)} networks"
    with job.live() as live:
        shown = Shown(Progress(run.run, run.length, unit), live)

        def observe(view: TrainingView) -> None:
            shown.update(
                view.iteration, lambda: run_metrics(view.records(), facts), view.share_done
            )

        result = train(
            problem,
            run.training,
            device=place,
            threads=context.threads,
            fingerprint=job.key,
            checkpoint_dir=job.resume,
            observer=observe,
        )
    tensors, metrics = {"parameters": result.parameters}, run_metrics(result.history, facts)
    loss_TR = result.history["loss"]
    job.finish(
        tensors,
        result.history,
        metrics,
        resumed=result.resumed,
        warnings=explosions(loss_TR[0], loss_TR[-1], run.training.learning_rate),
    )
