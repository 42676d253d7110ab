"""Ties training runs to the figures made from them, and distilled networks to their teachers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from spectral_bias.tracking import facts as fact
from spectral_bias.tracking.record import Recorded
from spectral_bias.tracking.store import Store, set_tags


def link_runs(
    store: Store,
    trained: Iterable[tuple[Mapping, Recorded]],
    figures_of: Mapping[str, Iterable[Recorded]],
) -> None:
    """Tells each training run of its figures, its teacher and its students.

    Args:
        store: The open store.
        trained: Facts and run of every finished training job of one paper and scale.
        figures_of: The figures that were made from a run, by its run key.
    """
    trained = list(trained)
    by_name = {facts["run"]: run for facts, run in trained}
    students_of = defaultdict(list)
    for facts, run in trained:
        students_of[_teacher_name(facts)].append(run)
    for facts, run in trained:
        figures, students = figures_of.get(facts["run_key"], ()), students_of[facts["run"]]
        tags = _tags(facts, run, figures, by_name.get(_teacher_name(facts)), students)
        set_tags(store, run.run, tags)


def _teacher_name(facts: Mapping) -> str | None:
    """The run whose network a distilled one was trained to follow."""
    return facts["settings"].get("teacher")


def _tags(
    facts: Mapping,
    run: Recorded,
    figures: Iterable[Recorded],
    teacher: Recorded | None,
    students: Iterable[Recorded],
) -> dict[str, str]:
    figures, students = _by_name(figures), _by_name(students)
    tags = {"figures": _names(figures), "figure_run_ids": _ids(figures)}
    if teacher:
        tags |= {"teacher": teacher.name, "teacher_run_id": teacher.run_id}
    if students or "students" in run.run.data.tags:
        tags |= {"students": _names(students), "student_run_ids": _ids(students)}
    links = [figure.link for figure in figures]
    teacher_link = teacher and teacher.link
    note = fact.training_note(facts, links, teacher_link, [student.link for student in students])
    return tags | {fact.NOTE: note}


def _by_name(runs: Iterable[Recorded]) -> list[Recorded]:
    return sorted(runs, key=lambda run: run.name)


def _names(runs: Iterable[Recorded]) -> str:
    return fact.listed((run.name for run in runs), fact.MAX_TAG - 20)


def _ids(runs: Iterable[Recorded]) -> str:
    return fact.listed((run.run_id for run in runs), fact.MAX_TAG - 20)
