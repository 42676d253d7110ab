#!/bin/sh
# Says how a job of SLURM is, in one of the words that Snakemake knows: running, success or failed.
if ! state=$(squeue --noheader --states=all --jobs="$1" --format=%T 2>&1); then
  case "$state" in
    # SLURM forgets jobs some minutes after their end; Snakemake then looks whether files are there.
    *"Invalid job id"*) state=COMPLETED ;;
    # The controller does not answer: ask again.
    *) state=PENDING ;;
  esac
fi
case "$state" in
  COMPLETED | "") echo success ;;
  PENDING | CONFIGURING | RUNNING | COMPLETING | SUSPENDED | REQUEUED | REQUEUE_HOLD | \
    RESIZING | SIGNALING | STAGE_OUT | STOPPED) echo running ;;
  *) echo failed ;;
esac
