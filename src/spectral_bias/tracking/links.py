"""Ties training runs to the figures made from them, and distilled networks to their teachers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from spectral_bias.tracking import facts as fact
from spectral_bias.tracking.copies import Trained
from spectral_bias.tracking.record import Recorded
from spectral_bias.tracking.store import Store, set_tags


def link_runs(
    store: Store,
    scale: str,
    trained: Iterable[Trained],
    figures_of: Mapping[str, Iterable[Recorded]],
) -> None:
    """Tells each training run of its figures, its teacher and its students.

    Args:
        store: The open store.
        scale: Name of the scale.
        trained: Every finished training job of one paper and of this scale.
        figures_of: The figures that were made from a run, by its run key.
    """
    trained = list(trained)
    by_name = {job.facts["run"]: job.run for job in trained}
    students_of = defaultdict(list)
    for job in trained:
        students_of[_teacher_name(job.facts)].append(job)
    for job in trained:
        figures = _by_name(figures_of.get(job.facts["run_key"], ()))
        students = students_of[job.facts["run"]]
        if job.shared:
            own = _by_name(student.run for student in students if not student.shared)
            tags = _tags_elsewhere(job.run, scale, figures, own)
        else:
            teacher = by_name.get(_teacher_name(job.facts))
            tags = _tags(job, figures, teacher, _by_name(student.run for student in students))
        set_tags(store, job.run.run, tags)


def _teacher_name(facts: Mapping) -> str | None:
    """The run whose network a distilled one was trained to follow."""
    return facts["settings"].get("teacher")


def _tags(
    job: Trained,
    figures: Sequence[Recorded],
    teacher: Recorded | None,
    students: Sequence[Recorded],
) -> dict[str, str]:
    known = job.run.run.data.tags
    tags = {"figures": _names(figures), "figure_run_ids": _ids(figures)}
    if teacher:
        tags |= {"teacher": teacher.name, "teacher_run_id": teacher.run_id}
    if students or "students" in known:
        tags |= {"students": _names(students), "student_run_ids": _ids(students)}
    teacher_link = teacher and teacher.link
    note = fact.training_note(job.facts, _links(figures), teacher_link, _links(students))
    return tags | {fact.NOTE: fact.keep_scale_notes(note, known.get(fact.NOTE, ""))}


def _tags_elsewhere(
    run: Recorded, scale: str, figures: Sequence[Recorded], students: Sequence[Recorded]
) -> dict[str, str]:
    """What `scale` says of a run of another scale; what that scale itself says of it stays."""
    tags = {f"figures.{scale}": _names(figures), f"figure_run_ids.{scale}": _ids(figures)}
    note = run.run.data.tags.get(fact.NOTE, "")
    new = fact.scale_note(scale, _links(figures), _links(students))
    return tags | {fact.NOTE: fact.with_scale_note(note, scale, new)}


def _links(runs: Iterable[Recorded]) -> list[str]:
    return [run.link for run in runs]


def _by_name(runs: Iterable[Recorded]) -> list[Recorded]:
    return sorted(runs, key=lambda run: run.name)


def _names(runs: Iterable[Recorded]) -> str:
    return fact.listed((run.name for run in runs), fact.MAX_TAG - 20)


def _ids(runs: Iterable[Recorded]) -> str:
    return fact.listed((run.run_id for run in runs), fact.MAX_TAG - 20)
