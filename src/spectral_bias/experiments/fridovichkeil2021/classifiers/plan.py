"""Which classifiers the figures of Fridovich-Keil et al. 2021 compare, each trained once.

A variant changes one thing of the baseline. It is trained without noise, whose interpolation
spectra are measured. The baseline, and variants that are compared by it, are trained on labels
smoothed by waves too, and on labels smoothed as much, but evenly: what these fit of a wave is the
floor. Names are the changed things joined by dots: wrn_32, wrn_32.n5000, wrn_32.n5000.radial_0.038.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from spectral_bias.experiments.fridovichkeil2021.classifiers.variants import (
    BASELINE,
    VARIANTS,
    Variant,
    image_frequencies,
    noise_free,
    plain,
)
from spectral_bias.experiments.fridovichkeil2021.purposes import (
    COMPARED,
    FOURIER,
    NATURAL,
    SINGLE_CLASS,
    SWEEP,
)
from spectral_bias.training.classifier.wave import Wave
from spectral_bias.training.runs import ClassifierRun

if TYPE_CHECKING:
    from spectral_bias.experiments.fridovichkeil2021.classifiers.settings import Cifar10


@dataclass
class Plan:
    """Runs by name, and what they are compared for.

    Attributes:
        runs: by name; one that equals another in everything exists once.
        interventions: rows with intervention, variant, value, run: what each compares.
        extremes: rows with intervention, place ("low" or "high": the first and the second of the
            settings), variant, seed, run: the pairs of variants of which several are trained.
        waves: rows with purpose (such as `SWEEP`), run, base (the network that it is a variant of,
            with its seed), floors (the same on evenly smoothed labels, probed by its wave), spread
            (several such runs of one network, by which the spread of a floor is told).
        trajectory: runs that are measured at several epochs.
        matched: rows with intervention, variant, run: extremes whose training ends early, once
            they have reached the same test accuracy or training loss.
    """

    runs: dict[str, ClassifierRun] = field(default_factory=dict)
    interventions: list[dict[str, Any]] = field(default_factory=list)
    extremes: list[dict[str, Any]] = field(default_factory=list)
    waves: list[dict[str, Any]] = field(default_factory=list)
    trajectory: list[str] = field(default_factory=list)
    matched: list[dict[str, Any]] = field(default_factory=list)
    _names: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, run: ClassifierRun) -> str:
        """The name under which such a run exists from now on.

        One that is kept at more epochs than another is that other one too.

        Raises:
            ValueError: another run has the name; starts with the key of the settings.
        """
        known = self._names.setdefault(json.dumps(run.settings(), sort_keys=True), name)
        there = self.runs.setdefault(known, run)
        kept = run.training.checkpoint_epochs
        if there.changed(checkpoint_epochs=kept).settings() != run.settings():
            raise ValueError(
                f"networks: two runs would be called {known!r}, one after its network and one "
                "after what is changed of another; give the network another name"
            )
        return known


def planned(section: Cifar10) -> Plan:
    """All runs of a section."""
    plan = Plan()
    _trajectories(plan, section)
    for seed in range(section.n_seeds):
        _trained(plan, section, BASELINE, seed)
    _baseline_waves(plan, section)
    for variants in VARIANTS:
        for variant in variants(section):
            _compare(plan, section, variant)
    for variant in image_frequencies(section):
        again = section.n_seeds if variant.value in (0.0, section.image_frequency.compared) else 1
        _compare(plan, section, variant, again)
    return plan


def _trained(plan: Plan, section: Cifar10, variant: Variant, seed: int) -> str:
    """Adds one noise-free training of a variant, and that of its teacher; its name."""
    architecture = variant.architecture or section.baseline
    parts = (architecture, variant.label, f"seed{seed}" if seed else "")
    changes = dict(variant.changes)
    if variant.teacher:
        changes["teacher"] = _trained(plan, section, variant.teacher, seed)
    name = ".".join(part for part in parts if part)
    return plan.add(name, noise_free(section, architecture, replicate=seed, **changes))


def seeded(name: str, seed: int) -> str:
    """The name of the run that differs from the one called `name` in its seed."""
    return f"{name}.seed{seed}" if seed else name


def _compare(plan: Plan, section: Cifar10, variant: Variant, n_seeds: int = 1) -> None:
    """Adds a variant to an intervention, several trainings of it if it is an extreme one."""
    pair = section.extremes.get(variant.intervention, [])
    extreme = variant.variant in pair
    for seed in range(section.n_seeds if extreme else n_seeds):
        run = _trained(plan, section, variant, seed)
        if seed == 0:
            row = {"variant": variant.variant, "value": variant.value, "run": run}
            plan.interventions.append({"intervention": variant.intervention, **row})
        if extreme:
            place = ("low", "high")[pair.index(variant.variant)]
            row = {"place": place, "variant": variant.variant, "seed": seed, "run": run}
            plan.extremes.append({"intervention": variant.intervention, **row})
        if extreme or variant.intervention in section.wave.interventions:
            _compared_waves(plan, section, run)
    if extreme:
        _matched(plan, section, variant)


def _compared_waves(plan: Plan, section: Cifar10, run: str) -> None:
    """Adds the trainings of one network on the compared waves and on even labels, its own floor.

    Were a floor shared by several seeds, its error would be too, and no interval over them held it.
    """
    waves = [Wave("radial", f, section.wave.amplitude) for f in section.wave.compared]
    if waves:
        _with_floor(plan, section, run, waves)
    spread = [f"{base}.uniform" for base in _floor_bases(section)]
    for f, wave in zip(section.wave.compared, waves, strict=True):
        _with_wave(plan, COMPARED, run, wave, f"radial_{f:g}", [f"{run}.uniform"], spread)


def _matched(plan: Plan, section: Cifar10, variant: Variant) -> None:
    """Adds the training of an extreme variant that ends at the accuracy or loss of all others."""
    stop = section.matched
    if stop.test_accuracy is None and stop.training_loss is None:
        return
    ends = {"stop_accuracy": stop.test_accuracy, "stop_loss": stop.training_loss}
    label = ".".join(part for part in (variant.label, "matched") if part)
    changed = replace(variant, label=label, changes=variant.changes | ends)
    run = _trained(plan, section, changed, 0)
    row = {"intervention": variant.intervention, "variant": variant.variant, "run": run}
    plan.matched.append(row)


def _trajectories(plan: Plan, section: Cifar10) -> None:
    """Adds the trainings of the baseline whose paths are measured at several epochs."""
    wanted = section.trajectory
    changes: dict[str, Any] = {"checkpoint_epochs": tuple(sorted({*wanted.measured}))}
    label = ""
    if wanted.epochs not in (None, section.epochs):
        changes["epochs"], label = wanted.epochs, "long"
    for seed in range(wanted.n_seeds):
        variant = Variant("training_time", "baseline", None, label, changes)
        plan.trajectory.append(_trained(plan, section, variant, seed))


def _with_wave(
    plan: Plan,
    purpose: str,
    base: str,
    wave: Wave,
    label: str,
    floors: list[str],
    spread: list[str] | None = None,
    **changes: Any,
) -> None:
    """Adds the run of `base` with the labels smoothed by one wave."""
    name = _smoothed(plan, base, label, wave=wave, probes=(wave,), **changes)
    row = {"purpose": purpose, "run": name, "base": base, "floors": floors}
    row["spread"] = floors if spread is None else spread
    if row not in plan.waves:
        plan.waves.append(row)


def _smoothed(plan: Plan, base: str, label: str, **changes: Any) -> str:
    """Adds the run of `base` with smoothed labels; its teacher, if it has one, had the same."""
    name, run = f"{base}.{label}", plan.runs[base].changed(checkpoint_epochs=(), **changes)
    if name in plan.runs and plan.runs[name].wave == run.wave:
        return name
    if run.teacher:
        run = run.changed(teacher=_smoothed(plan, run.teacher, label, **changes))
    return plan.add(name, run)


def _with_floor(
    plan: Plan, section: Cifar10, base: str, probes: Iterable[Wave], label: str = "", **changes: Any
) -> None:
    """Adds the run of `base` whose labels are smoothed as much, but evenly, probed by waves."""
    even = Wave("uniform", None, section.wave.amplitude)
    _smoothed(plan, base, f"{label}uniform", wave=even, probes=tuple(probes), **changes)


def _baseline_waves(plan: Plan, section: Cifar10) -> None:
    """Waves on which the baseline alone is trained: Figures 1, 3, 11, 12 and 17.

    Networks on even labels are as long as those whose floor they are, so there are two kinds of
    them where radial waves take longer than the others. They are probed by all waves of their
    length, those on which variants are compared among them.
    """
    wave = section.wave
    length = wave.epochs or section.epochs
    label = "" if length == section.epochs else f"epochs{length}."
    sweep = {f"radial_{f:g}": Wave("radial", f, wave.amplitude) for f in wave.frequencies}
    others = _along_directions(section) | _single_classes(section)
    compared = [Wave("radial", f, wave.amplitude) for f in wave.compared]
    probes = list(dict.fromkeys([*compared, *(each for _, each in others.values())]))
    if not label:
        probes = list(dict.fromkeys([*sweep.values(), *probes]))
    bases = _floor_bases(section)
    for seed, base in enumerate(bases):
        _trained(plan, section, BASELINE, seed)
        _with_floor(plan, section, base, probes)
        if label:
            _with_floor(plan, section, base, sweep.values(), label, epochs=length)
    spread = [f"{each}.{label}uniform" for each in bases]
    for base, floor in zip(bases, spread, strict=True):
        for name, each in sweep.items():
            _with_wave(plan, SWEEP, base, each, f"{label}{name}", [floor], spread, epochs=length)
    floors = [f"{each}.uniform" for each in bases]
    for name, (purpose, each) in others.items():
        _with_wave(plan, purpose, section.baseline, each, name, floors)


def _floor_bases(section: Cifar10) -> list[str]:
    """The trainings of the baseline of which there are some on even labels."""
    return [seeded(section.baseline, seed) for seed in range(section.wave.n_seeds)]


def _along_directions(section: Cifar10) -> dict[str, tuple[str, Wave]]:
    """Waves along directions of input space, with their purpose, by the label of their run."""
    amplitude = section.wave.amplitude
    found: dict[str, tuple[str, Wave]] = {}
    for cycles in section.directions.cycles:
        for spatial in section.directions.spatial_frequencies:
            wave = Wave("fourier", None, amplitude, spatial_frequency=spatial, cycles=cycles)
            found[f"fourier_{cycles:g}_at_{spatial:g}"] = (FOURIER, wave)
    for kind in section.natural.kinds:
        for cycles in section.natural.cycles:
            for seed in range(section.natural.n_random if kind == "random" else 1):
                label = f"{plain(kind)}_{cycles:g}" + (f"_{seed}" if seed else "")
                found[label] = (NATURAL, Wave(kind, None, amplitude, seed=seed, cycles=cycles))
    return found


def _single_classes(section: Cifar10) -> dict[str, tuple[str, Wave]]:
    """Waves on the labels of one class, as `_along_directions`."""
    f, amplitude = section.single_class.frequency, section.wave.amplitude
    return {
        f"radial_{f:g}_class{number}": (
            SINGLE_CLASS,
            Wave("radial", f, amplitude, noise_class=number),
        )
        for number in section.single_class.classes
    }


def batches(runs: Mapping[str, ClassifierRun], size: int) -> list[list[str]]:
    """Runs that one job trains after another, at most `size`, in the order of the plan.

    They share their architecture, so that a network that fails takes no other with it and all have
    one code version; their generation of self-distillation, so that no run waits for one of its own
    batch; and their length, so that who wants one figure trains little that others show.
    """
    found: list[list[str]] = []
    open_batches: dict[tuple[str, int, int], list[str]] = {}
    for name, run in runs.items():
        kind = run.architecture, run.generation, run.training.epochs
        batch = open_batches.get(kind)
        if batch is None or len(batch) == size:
            batch = open_batches[kind] = []
            found.append(batch)
        batch.append(name)
    return found
