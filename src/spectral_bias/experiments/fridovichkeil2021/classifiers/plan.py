"""Which classifiers the figures of Fridovich-Keil et al. 2021 compare, each trained once.

A variant changes one thing of the baseline. It is trained without noise, whose interpolation
spectra are measured, and once for each compared frequency with label smoothing by a radial wave.
Names are the changed things joined by dots: wrn_32, wrn_32.n5000, wrn_32.n5000.radial_0.038.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from spectral_bias.training.classifier.augmentation.settings import Augmentation
from spectral_bias.training.classifier.settings import ClassifierSettings
from spectral_bias.training.classifier.wave import Wave
from spectral_bias.training.runs import ClassifierRun, NetworkSpec

if TYPE_CHECKING:
    from spectral_bias.experiments.fridovichkeil2021.classifiers.settings import Cifar10


@dataclass
class Plan:
    """Runs by name, and the noise-free runs that each intervention compares.

    Attributes:
        runs: by name; one that equals another in everything exists once.
        interventions: rows with intervention, variant, value, run.
        bases: the noise-free run that each run with a wave belongs to.
    """

    runs: dict[str, ClassifierRun] = field(default_factory=dict)
    interventions: list[dict[str, Any]] = field(default_factory=list)
    bases: dict[str, str] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, run: ClassifierRun) -> str:
        """The name under which such a run exists from now on."""
        known = self._names.setdefault(json.dumps(run.settings(), sort_keys=True), name)
        self.runs.setdefault(known, run)
        return known


@dataclass(frozen=True)
class Variant:
    """What one classifier changes of the baseline; `label` joins the name of the run."""

    label: str = ""
    changes: dict[str, Any] = field(default_factory=dict)


def planned(section: Cifar10) -> Plan:
    """All runs of a section."""
    plan = Plan()
    for seed in range(section.n_seeds):
        variant = Variant(f"seed{seed}" if seed else "", {"replicate": seed})
        base = _with_waves(plan, section, section.baseline, variant, section.wave.frequencies)
        _with_floor(plan, section, base)
    for intervention in (_architectures, _train_sizes, _augmentations, _distillation, _decays):
        intervention(plan, section)
    _image_frequencies(plan, section)
    _directions(plan, section)
    return plan


def noise_free(section: Cifar10, architecture: str, **changes: Any) -> ClassifierRun:
    """A classifier that differs from the baseline in its architecture and `changes`."""
    network = section.networks[architecture]
    run = ClassifierRun(
        experiment="cifar10",
        architecture=architecture,
        network=NetworkSpec(network.callable, network.arguments),
        data=section.data.model_dump(),
        n_train=section.data.n_train,
        training=ClassifierSettings(
            epochs=section.epochs,
            batch_size=network.batch_size,
            learning_rate=network.learning_rate,
            schedule="cosine",
            momentum=section.momentum,
            nesterov=True,
            weight_decay=network.weight_decay,
            gradient_clip=section.gradient_clip,
            augmentation=augmentation(section, section.augmentation),
            probes=tuple(
                Wave("radial", f, section.wave.amplitude) for f in section.wave.frequencies
            ),
            stop_accuracy=section.stop.test_accuracy,
            stop_loss=section.stop.training_loss,
        ),
    )
    changed = run.changed(**changes)
    if architecture == section.baseline and changed == run:
        return run.changed(checkpoint_epochs=tuple(sorted({*section.trajectory})))
    return changed


def augmentation(section: Cifar10, name: str, **changes: Any) -> Augmentation:
    """The augmentation called `name`, with some values changed.

    All but "none" flip and crop, and all but it and "flip_crop" also cut out.
    """
    cutout = section.cutout if name not in ("none", "flip_crop") else 0
    values: dict[str, Any] = {"name": name, "flip_crop": name != "none", "cutout": cutout}
    if name == "randaugment":
        values |= {"operations": section.operations, "magnitude": section.magnitude}
    if name in ("randaugment", "autoaugment"):
        values |= {"policy": name}
    if name == "mixup":
        values |= {"mixup_alpha": section.mixup_alpha}
    return Augmentation(**values | changes)


def _with_waves(
    plan: Plan, section: Cifar10, architecture: str, variant: Variant, frequencies: list[float]
) -> str:
    """Adds a variant without noise and with a radial wave of each frequency."""
    stem = ".".join(part for part in (architecture, variant.label) if part)
    run = noise_free(section, architecture, **variant.changes)
    base = plan.add(stem, run)
    for f in frequencies:
        smoothing = Wave("radial", f, section.wave.amplitude)
        _with_wave(plan, base, smoothing, f"radial_{f:g}", _teacher(run, f"radial_{f:g}"))
    return base


def _with_wave(
    plan: Plan, base: str, smoothing: Wave, label: str, teacher: str | None = None
) -> None:
    """Adds the run of `base` with the labels smoothed by one wave."""
    changes: dict[str, Any] = {"wave": smoothing, "probes": (smoothing,), "checkpoint_epochs": ()}
    if teacher:
        changes["teacher"] = teacher
    name = plan.add(f"{base}.{label}", plan.runs[base].changed(**changes))
    plan.bases[name] = base


def _with_floor(plan: Plan, section: Cifar10, base: str) -> None:
    """Adds the run of `base` whose labels are smoothed as much, but by no wave.

    It is tested on all waves: what its noise fitting is shows a network that learnt none of them.
    """
    probes = (*plan.runs[base].training.probes, *_along_directions(section).values())
    smoothing = Wave("uniform", None, section.wave.amplitude)
    run = plan.runs[base].changed(wave=smoothing, probes=probes, checkpoint_epochs=())
    name = plan.add(f"{base}.uniform", run)
    plan.bases[name] = base


def _teacher(run: ClassifierRun, label: str) -> str | None:
    """The teacher of a run with noise had the same noise."""
    return run.teacher and f"{run.teacher}.{label}"


def _compare(
    plan: Plan,
    section: Cifar10,
    intervention: str,
    label: str,
    value: float | None,
    variant: Variant,
    architecture: str | None = None,
) -> str:
    """Adds a variant with the compared waves to an intervention."""
    name = architecture or section.baseline
    run = _with_waves(plan, section, name, variant, section.wave.compared)
    row = {"intervention": intervention, "variant": label, "value": value, "run": run}
    plan.interventions.append(row)
    return run


def _architectures(plan: Plan, section: Cifar10) -> None:
    for name in section.architectures:
        _compare(plan, section, "architecture", name, None, Variant(), name)


def _train_sizes(plan: Plan, section: Cifar10) -> None:
    for n in section.train_sizes:
        _compare(plan, section, "train_size", str(n), n, Variant(f"n{n}", {"n_train": n}))


def _augmentations(plan: Plan, section: Cifar10) -> None:
    """Every kind at its usual strength, then the other strengths."""
    wanted: list[tuple[str, float | None, Augmentation]] = []
    for name in section.augmentations:
        usual = {"randaugment": section.magnitude, "mixup": section.mixup_alpha}.get(name)
        wanted.append((name, usual, augmentation(section, name)))
    for m in section.magnitudes:
        wanted.append(("randaugment", m, augmentation(section, "randaugment", magnitude=m)))
    for a in section.mixup_alphas:
        wanted.append(("mixup", a, augmentation(section, "mixup", mixup_alpha=a)))
    seen = set()
    for name, strength, values in wanted:
        label = name if strength is None else f"{name} {strength:g}"
        if label in seen:
            continue
        seen.add(label)
        variant = Variant(label.replace(" ", "_"), {"augmentation": values})
        _compare(plan, section, "augmentation", label, strength, variant)


def _distillation(plan: Plan, section: Cifar10) -> None:
    """Targets a y + (1 - a) softmax(teacher): a = 1 is the baseline, the teacher of all others."""
    for a in section.teacher_weights:
        teacher = section.baseline
        if a == 1:
            _compare(plan, section, "distillation", "a = 1", 1.0, Variant())
            continue
        for generation in range(1, section.generations + 1):
            changes = {"teacher": teacher, "teacher_weight": a, "generation": generation}
            variant = Variant(f"distilled_{a:g}_gen{generation}", changes)
            label = f"a = {a:g}, generation {generation}"
            teacher = _compare(plan, section, "distillation", label, a, variant)


def _decays(plan: Plan, section: Cifar10) -> None:
    for decay in section.weight_decays:
        variant = Variant(f"decay_{decay:g}", {"weight_decay": decay})
        _compare(plan, section, "weight_decay", f"{decay:g}", decay, variant)


def _image_frequencies(plan: Plan, section: Cifar10) -> None:
    """Figure 13: without noise only, its subject is the frequency of the function."""

    def row(variant: str, norm: float, run: str) -> dict[str, Any]:
        return {"intervention": "image_frequency", "variant": variant, "value": norm, "run": run}

    settings = section.image_frequency
    if settings.kinds and settings.norms:
        plan.interventions.append(row("none", 0.0, section.baseline))
    for kind in settings.kinds:
        for norm in settings.norms:
            values = augmentation(
                section,
                section.augmentation,
                image_kind=kind,
                image_norm=norm,
                image_amplitude=settings.amplitude,
            )
            values = replace(values, name="image_frequency")
            label = f"{section.baseline}.images_{_plain(kind)}_{norm:g}"
            run = noise_free(section, section.baseline, augmentation=values)
            plan.interventions.append(row(kind, norm, plan.add(label, run)))


def _along_directions(section: Cifar10) -> dict[str, Wave]:
    """Waves along directions of input space by the label of their run: figures 11 and 12."""
    amplitude = section.wave.amplitude
    found: dict[str, Wave] = {}
    for f in section.directions.frequencies:
        for spatial in section.directions.spatial_frequencies:
            label = f"fourier_{f:g}_at_{spatial:g}"
            found[label] = Wave("fourier", f, amplitude, spatial_frequency=spatial)
    for kind in section.natural.kinds:
        for f in section.natural.frequencies:
            for seed in range(section.natural.n_random if kind == "random" else 1):
                label = f"{_plain(kind)}_{f:g}" + (f"_{seed}" if seed else "")
                found[label] = Wave(kind, f, amplitude, seed=seed)
    return found


def _directions(plan: Plan, section: Cifar10) -> None:
    """Waves along directions of input space, and on one class: figures 11, 12, 17."""
    amplitude = section.wave.amplitude
    for label, smoothing in _along_directions(section).items():
        _with_wave(plan, section.baseline, smoothing, label)
    for number in section.single_class.classes:
        f = section.single_class.frequency
        smoothing = Wave("radial", f, amplitude, noise_class=number)
        _with_wave(plan, section.baseline, smoothing, f"radial_{f:g}_class{number}")


def _plain(kind: str) -> str:
    """The kind as a part of file names."""
    return {"1/f2": "natural", "f2": "antinatural"}.get(kind, kind)
