"""What interventions of Fridovich-Keil et al. 2021 change of the baseline (figures 5 to 13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from spectral_bias.training.classifier.augmentation.settings import Augmentation
from spectral_bias.training.classifier.settings import ClassifierSettings
from spectral_bias.training.runs import ClassifierRun, NetworkSpec

if TYPE_CHECKING:
    from spectral_bias.experiments.fridovichkeil2021.classifiers.settings import Cifar10


@dataclass(frozen=True)
class Variant:
    """What one classifier changes of the baseline.

    Attributes:
        intervention: that it belongs to.
        variant: what figures call it.
        value: of a sweep.
        label: joins the name of the run.
        changes: see `ClassifierRun.changed`.
        architecture: None for the baseline's.
        teacher: the variant whose answers are mixed into the targets.
    """

    intervention: str
    variant: str
    value: float | None
    label: str = ""
    changes: dict[str, Any] = field(default_factory=dict)
    architecture: str | None = None
    teacher: Variant | None = None


BASELINE = Variant("baseline", "baseline", None)


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
            stop_accuracy=section.stop.test_accuracy,
            stop_loss=section.stop.training_loss,
        ),
    )
    return run.changed(**changes)


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


def architectures(section: Cifar10) -> Iterable[Variant]:
    """Figure 5."""
    for name in section.architectures:
        yield Variant("architecture", name, None, architecture=name)


def train_sizes(section: Cifar10) -> Iterable[Variant]:
    """Figure 6."""
    for n in section.train_sizes:
        yield Variant("train_size", str(n), n, f"n{n}", {"n_train": n})


def augmentations(section: Cifar10) -> Iterable[Variant]:
    """Figure 7: every kind at its usual strength, then the other strengths."""
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
        variant = name if strength is None else f"{name} {strength:g}"
        if variant not in seen:
            seen.add(variant)
            label = variant.replace(" ", "_")
            yield Variant("augmentation", variant, strength, label, {"augmentation": values})


def distillation(section: Cifar10) -> Iterable[Variant]:
    """Figure 8: targets a y + (1 - a) softmax(teacher), where a = 1 is the first teacher itself."""
    for a in section.teacher_weights:
        if a == 1:
            yield Variant("distillation", "a = 1", 1.0)
            continue
        teacher = BASELINE
        for generation in range(1, section.generations + 1):
            name, label = f"a = {a:g}, generation {generation}", f"distilled_{a:g}_gen{generation}"
            changes = {"teacher_weight": a, "generation": generation}
            teacher = Variant("distillation", name, a, label, changes, teacher=teacher)
            yield teacher


def weight_decays(section: Cifar10) -> Iterable[Variant]:
    """Figure 9."""
    for decay in section.weight_decays:
        changes = {"weight_decay": decay}
        yield Variant("weight_decay", f"{decay:g}", decay, f"decay_{decay:g}", changes)


def image_frequencies(section: Cifar10) -> Iterable[Variant]:
    """Figure 13: without waves, its subject is the frequency of the function.

    Smoothing labels alone, without images, is the control: it changes the frequency by itself.
    """
    settings = section.image_frequency
    if not settings.kinds:
        return
    yield Variant("image_frequency", "none", 0.0)
    norms = {None: [0.0]} | {
        kind: list(dict.fromkeys([settings.compared, *settings.norms])) for kind in settings.kinds
    }
    for kind, some in norms.items():
        for norm in some:
            values = augmentation(
                section,
                section.augmentation,
                image_kind=kind or "",
                image_norm=norm,
                image_amplitude=settings.amplitude,
            )
            changes = {"augmentation": replace(values, name="image_frequency")}
            label = f"images_{plain(kind)}_{norm:g}" if kind else "images_smoothing"
            yield Variant("image_frequency", kind or "smoothing", norm, label, changes)


VARIANTS = (architectures, train_sizes, augmentations, distillation, weight_decays)
"""The variants of each of `purposes.INTERVENTIONS`."""


def plain(kind: str) -> str:
    """The kind as a part of file names."""
    return {"1/f2": "natural", "f2": "antinatural"}.get(kind, kind)
