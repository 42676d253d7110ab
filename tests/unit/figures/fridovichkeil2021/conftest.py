"""Made-up tables in the format of the measured ones. They only look like results.

`settings` change what is made: fewer frequencies, seeds or epochs give smaller tables.
"""

import re
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
WAVE = ["kind", "frequency", "amplitude", "spatial_frequency", "noise_class", "wave_seed"]


def make_settings(**changes):
    """Settings of all image classifiers; a change of a mapping changes only what it names."""
    settings = {
        "data": {"source": "cifar10", "folder": None, "n_train": 50_000, "n_test": 10_000},
        "shift": {"source": "cifar10.1", "folder": None},
        "networks": {
            "wrn_32": {
                "callable": "wide_resnet",
                "arguments": {"depth": 28, "width": 32},
                "learning_rate": 0.1,
                "weight_decay": 5e-4,
                "batch_size": 256,
            }
        },
        "architectures": [
            *("wrn_32", "wrn_160", "shake_shake_32", "shake_shake_96", "shake_shake_112"),
            "pyramid_net",
        ],
        "baseline": "wrn_32",
        "epochs": 200,
        "momentum": 0.9,
        "gradient_clip": 5.0,
        "augmentation": "cutout",
        "cutout": 16,
        "operations": 3,
        "magnitude": 4.0,
        "mixup_alpha": 0.1,
        "stop": {"test_accuracy": None, "training_loss": None},
        "n_seeds": 3,
        "wave": {
            "amplitude": 0.1,
            "frequencies": [0.004, 0.008, 0.019, 0.038, 0.076, 0.15, 0.3],
            "compared": [0.008, 0.038, 0.15],
            "warm_up": 5,
        },
        "trajectory": [0, 1, 2, 5, 10, 20, 50, 100, 150, 200],
        "train_sizes": [5000, 10_000, 20_000, 30_000, 40_000, 50_000],
        "augmentations": ["none", "flip_crop", "cutout", "mixup", "randaugment", "autoaugment"],
        "magnitudes": [2.0, 4.0, 8.0],
        "mixup_alphas": [0.05, 0.1, 0.4],
        "teacher_weights": [1.0, 0.5, 0.0],
        "generations": 2,
        "weight_decays": [0.0, 1e-4, 5e-4, 1e-3],
        "directions": {
            "frequencies": [0.02, 0.08, 0.3, 1.2],
            "spatial_frequencies": [0, 1, 4, 8, 16],
        },
        "natural": {
            "kinds": ["1/f2", "f2", "random"],
            "frequencies": [0.02, 0.08, 0.3, 1.2],
            "n_random": 3,
        },
        "image_frequency": {"kinds": ["f2", "1/f2"], "norms": [2.0, 5.0, 10.0], "amplitude": 0.5},
        "single_class": {"frequency": 0.038, "classes": list(range(10))},
        "interpolation": {
            **{"n_pairs": 200, "spacing": 1.0, "n_samples": None, "n_bins": 65, "high": 0.1}
        },
    }
    for name, value in changes.items():
        nested = isinstance(value, dict) and isinstance(settings[name], dict)
        settings[name] = {**settings[name], **value} if nested else value
    return settings


def make_context(scale="paper", **changes):
    return {"scale": scale, "settings": {"cifar10": make_settings(**changes)}}


def variants(settings):
    """(intervention, variant, value, run, columns of its run, quality 0..1) of noise-free runs."""
    base = settings["baseline"]
    found = [
        ("architecture", name, None, name, {"architecture": name}, 0.6 + 0.05 * rank)
        for rank, name in enumerate(settings["architectures"])
    ]
    for n in settings["train_sizes"]:
        run = base if n == settings["data"]["n_train"] else f"{base}.n{n}"
        quality = 0.6 * n / max(settings["train_sizes"])
        found.append(("train_size", str(n), n, run, {"n_train": n}, quality))
    strengths = {
        "mixup": [settings["mixup_alpha"], *settings["mixup_alphas"]],
        "randaugment": [settings["magnitude"], *settings["magnitudes"]],
    }
    for rank, name in enumerate(settings["augmentations"]):
        for value in dict.fromkeys(strengths.get(name, [None])):
            label = name if value is None else f"{name} {value:g}"
            run = base if name == settings["augmentation"] else f"{base}.{label.replace(' ', '_')}"
            columns = {"augmentation": name, "strength": np.nan if value is None else value}
            found.append(("augmentation", label, value, run, columns, 0.3 + 0.1 * rank))
    for a, generation in product(
        settings["teacher_weights"], range(1, settings["generations"] + 1)
    ):
        run, label = (
            f"{base}.distilled_{a:g}_gen{generation}",
            f"a = {a:g}, generation {generation}",
        )
        columns = {"teacher": base, "teacher_weight": a, "generation": generation}
        if a < 1:
            quality = 0.7 - 0.1 * a + 0.02 * generation
            found.append(("distillation", label, a, run, columns, quality))
        elif generation == 1:
            found.append(("distillation", "a = 1", a, base, {}, 0.6))
    for rank, decay in enumerate(settings["weight_decays"]):
        run = base if decay == 5e-4 else f"{base}.decay_{decay:g}"
        columns = {"weight_decay": decay}
        found.append(("weight_decay", f"{decay:g}", decay, run, columns, 0.4 + 0.1 * rank))
    found.append(("image_frequency", "none", 0.0, base, {}, 0.6))
    images = settings["image_frequency"]
    for kind, norm in product(images["kinds"], images["norms"]):
        columns = {"augmentation": "image_frequency", "strength": norm}
        quality = 0.6 + (0.01 if kind == "1/f2" else -0.02) * norm
        name = {"1/f2": "natural", "f2": "antinatural"}[kind]
        run = f"{base}.images_{name}_{norm:g}"
        found.append(("image_frequency", kind, norm, run, columns, quality))
    return found


def accuracy(quality):
    return 0.85 + 0.12 * quality


def noise_free(settings):
    """All noise-free runs with their columns in `classifiers`; the baseline's further seeds too."""
    base = settings["baseline"]
    common = {
        **{"architecture": base, "augmentation": settings["augmentation"], "strength": np.nan},
        **{"n_train": settings["data"]["n_train"], "weight_decay": 5e-4, "teacher": None},
        **{"teacher_weight": np.nan, "generation": 0, "seed": 0},
    }
    runs = {base: (common, 0.6)}
    for *_, run, columns, quality in variants(settings):
        runs.setdefault(run, ({**common, **columns}, quality))
    for seed in range(1, settings["n_seeds"]):
        runs[f"{base}.seed{seed}"] = ({**common, "seed": seed}, 0.6)
    return runs


def waves(settings):
    """(base run, wave) of all noised runs; a wave has the columns `WAVE`."""
    base, wave = settings["baseline"], settings["wave"]

    def made(kind, frequency, spatial=np.nan, number=np.nan, seed=0):
        return dict(
            zip(WAVE, (kind, frequency, wave["amplitude"], spatial, number, seed), strict=True)
        )

    found = []
    for run, (columns, _) in noise_free(settings).items():
        if "image" in run:
            continue
        own = run == base or columns["seed"]
        chosen = wave["frequencies"] if own else wave["compared"]
        found += [(run, made("radial", f)) for f in chosen]
    along = settings["directions"]
    for f, spatial in product(along["frequencies"], along["spatial_frequencies"]):
        found.append((base, made("fourier", f, spatial)))
    natural = settings["natural"]
    for kind, f in product(natural["kinds"], natural["frequencies"]):
        for seed in range(natural["n_random"] if kind == "random" else 1):
            found.append((base, made(kind, f, seed=seed)))
    single = settings["single_class"]
    for number in single["classes"]:
        found.append((base, made("radial", single["frequency"], number=number)))
    return found


def difficulty(wave):
    """How hard a wave is to fit, about 0 to 1: by f, and by how far images vary along it."""
    spread = {"1/f2": 1.0, "f2": 0.1, "random": 0.4}.get(wave["kind"], 1.0)
    if wave["kind"] == "fourier":
        spread = 1 / (1 + wave["spatial_frequency"])
    return 0.15 + 0.14 * np.log1p(300 * wave["frequency"] * spread) + 0.02 * wave["wave_seed"]


def fitting_curve(epochs, hard, quality, seed):
    """Noise fitting at each epoch: it falls with confidence, then rises where the wave is fit."""
    fall = 0.7 * (1 - np.exp(-epochs / 12)) * (0.7 + 0.5 * quality)
    rise = 0.6 / (1 + np.exp(-(epochs - 200 * hard) / 25))
    rng = np.random.default_rng([seed, int(1e6 * hard)])
    return rise - fall + 0.01 * rng.normal(size=len(epochs))


def noised_name(base, wave):
    """Only its being unique matters."""
    words = [value for name, value in wave.items() if name != "amplitude"]
    return ".".join([base, *(str(word) for word in words if pd.notna(word))])


def tested(settings):
    """(run, base, wave, floor) of all curves; floor is empty for a run trained on the wave."""
    for base, wave in waves(settings):
        yield noised_name(base, wave), base, wave, ""
        if pd.notna(wave["noise_class"]):
            continue
        if wave["kind"] == "radial":
            yield base, base, wave, "true labels"
        if re.fullmatch(rf"{settings['baseline']}(\.seed\d+)?", base):
            yield f"{base}.uniform", base, wave, "uniform"


def noise_fitting(settings):
    """Each epoch of every noised run, and of runs that saw no wave, tested on them."""
    epochs = np.arange(1, settings["epochs"] + 1)
    learnt = 1 - np.exp(-epochs / 15)
    runs = noise_free(settings)
    parts = []
    for run, base, wave, floor in tested(settings):
        columns, quality = runs[base]
        curve = fitting_curve(epochs, 3.0 if floor else difficulty(wave), quality, columns["seed"])
        curve = curve * 1.4 if floor == "true labels" else curve
        if pd.notna(wave["noise_class"]):
            curve = curve * 0.1 + 0.002 * wave["noise_class"]
        clean = 2.3 - 1.9 * learnt * quality**0.2
        parts.append(
            pd.DataFrame(
                {
                    **{"run": run, "base": base, "seed": columns["seed"], "epoch": epochs},
                    **{"trained": not floor, "floor": floor, **wave},
                    "training_loss": 2.3 - (2.2 if floor == "true labels" else 1.7) * learnt,
                    "clean_test_loss": clean,
                    "noisy_test_loss": clean - curve,
                    "noise_fitting": curve,
                    "test_accuracy": 0.1 + (accuracy(quality) - 0.1) * learnt,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def noise_minima(table, warm_up):
    """The minimum of each curve after `warm_up` epochs, by the definition."""
    by = ["run", "base", "seed", "trained", "floor", *WAVE]
    rows = []
    for keys, curve in table.groupby(by, dropna=False, sort=False):
        late = curve[curve["epoch"] > min(warm_up, curve["epoch"].max() - 1)]
        at = late.loc[late["noise_fitting"].idxmin()]
        last = curve.loc[curve["epoch"].idxmax()]
        minimum = {"epoch": at["epoch"], "noise_fitting": at["noise_fitting"]}
        final = {"final_noise_fitting": last["noise_fitting"]}
        final["test_accuracy"] = last["test_accuracy"]
        rows.append({**dict(zip(by, keys, strict=True)), **minimum, **final})
    return pd.DataFrame(rows).astype({"epoch": int})


def classifiers(settings):
    """One row for each run: noise-free ones first, then the noised."""
    runs = noise_free(settings)
    nothing = dict.fromkeys(WAVE, np.nan) | {"kind": None}
    rows = []
    for base, wave in [*((run, nothing) for run in runs), *waves(settings)]:
        columns, quality = runs[base]
        right = accuracy(quality) - (0 if wave is nothing else 0.02)
        rows.append(
            {
                **{"run": noised_name(base, wave), **columns, **wave},
                **{"epochs": settings["epochs"], "n_parameters": 1_467_610},
                **{"training_loss": 0.02, "training_accuracy": 1.0},
                **{"test_loss": 3 * (1 - right), "test_accuracy": right},
            }
        )
    return pd.DataFrame(rows)


def class_pairs():
    within = [("within", name, name) for name in CLASSES]
    return within + [("between", *pair) for pair in combinations(CLASSES, 2)]


def recorded(settings):
    """(run, epoch, progress 0..1, quality): the last epoch of every run, all of the baseline."""
    last = settings["epochs"]
    for run, (_, quality) in noise_free(settings).items():
        for epoch in settings["trajectory"] if run == settings["baseline"] else [last]:
            yield run, epoch, np.log1p(epoch) / np.log1p(last), quality


def interpolation(settings):
    """Fractions of all class pairs, their summary, and mean spectra."""
    rng = np.random.default_rng(5)
    fractions, spectra, summary = [], [], []
    relative = np.linspace(0, 1, settings["interpolation"]["n_bins"])
    for run, epoch, progress, quality in recorded(settings):
        right = 0.1 + (accuracy(quality) - 0.1) * progress
        level = {
            "within": 0.35 - 0.1 * progress * quality,
            "between": 0.2 + 0.2 * progress * quality,
        }
        rows = []
        for number, (kind, first, second) in enumerate(class_pairs()):
            own = 0.01 * (number % 10) + 0.005 * rng.normal()
            rows.append(
                (run, epoch, kind, first, second, 200, level[kind] + own, 60.0 + number % 7)
            )
        fractions += rows
        mean = {kind: np.mean([row[6] for row in rows if row[2] == kind]) for kind in level}
        values = {"test_accuracy": right, "shifted_accuracy": 0.85 * right - 0.02}
        found = {f"{kind}_fraction": mean[kind] for kind in level}
        summary.append({"run": run, "epoch": epoch, **values, **found})
        for kind in level:
            magnitude = (0.02 + progress) * np.exp(-relative / (0.5 * mean[kind])) + 1e-3
            columns = {"run": run, "epoch": epoch, "kind": kind, "relative_frequency": relative}
            both = {"magnitude": magnitude, "power": magnitude**2}
            spectra.append(pd.DataFrame({**columns, **both}))
    columns = ["run", "epoch", "kind", "class_a", "class_b", "n_paths"]
    columns += ["high_frequency_fraction", "mean_distance"]
    return {
        "interpolation_fractions": pd.DataFrame(fractions, columns=columns),
        "interpolation_summary": pd.DataFrame(summary),
        "interpolation_spectra": pd.concat(spectra, ignore_index=True),
    }


def class_accuracy(settings):
    rows = [
        (run, epoch, name, 0.1 + (accuracy(quality) - 0.1) * progress - 0.008 * number)
        for run, epoch, progress, quality in recorded(settings)
        for number, name in enumerate(CLASSES)
    ]
    return pd.DataFrame(rows, columns=["run", "epoch", "class_name", "test_accuracy"])


def example(n_points=61):
    """Probabilities along one path within a class and one between two, and their spectra."""
    position = np.linspace(0, 1, n_points)
    parts, spectra = [], []
    for kind, (first, second) in {"within": ("cat", "cat"), "between": ("cat", "ship")}.items():
        turn = 1 / (1 + np.exp(-(position - 0.5) / 0.03))
        shares = {name: np.full(n_points, 0.01) for name in CLASSES}
        shares["dog"] = 0.3 * np.exp(-(((position - 0.4) / 0.1) ** 2))
        rest = 1 - sum(values for name, values in shares.items() if name not in (first, second))
        shares[first] = rest - (rest * turn if first != second else 0) + 0 * position
        if first != second:
            shares[second] = rest - shares[first]
        for name, probability in shares.items():
            columns = {"kind": kind, "class_a": first, "class_b": second, "position": position}
            rows = {**columns, "class_name": name, "probability": probability}
            parts.append(pd.DataFrame(rows))
        relative = np.linspace(0, 1, 33)
        magnitude = 0.2 * np.exp(-relative / (0.1 if first == second else 0.2)) + 1e-4
        columns = {"kind": kind, "relative_frequency": relative, "magnitude": magnitude}
        spectra.append(pd.DataFrame(columns))
    return {
        "interpolation_example": pd.concat(parts, ignore_index=True),
        "interpolation_example_spectrum": pd.concat(spectra, ignore_index=True),
    }


def make_tables(context):
    """All tables of the experiment cifar10, by name."""
    settings = context["settings"]["cifar10"]
    fitting = noise_fitting(settings)
    columns = ["intervention", "variant", "value", "run"]
    return {
        "classifiers": classifiers(settings),
        "interventions": pd.DataFrame([entry[:4] for entry in variants(settings)], columns=columns),
        "noise_fitting": fitting,
        "noise_minima": noise_minima(fitting, settings["wave"]["warm_up"]),
        "class_accuracy": class_accuracy(settings),
        **interpolation(settings),
        **example(),
    }


def make_images():
    """The arrays of interpolation_images.npz: two strips of seven images."""
    rng = np.random.default_rng(3)
    ends = rng.integers(0, 256, (4, 32, 32, 3)).astype(float)
    share = np.linspace(0, 1, 7)[:, None, None, None]
    return {
        kind: ((1 - share) * ends[2 * k] + share * ends[2 * k + 1]).astype(np.uint8)
        for k, kind in enumerate(("within", "between"))
    }


@pytest.fixture(scope="session")
def new_context():
    """Makes a context; changes are those of `make_settings`."""
    return make_context


@pytest.fixture(scope="session")
def new_tables():
    """Makes all tables of a context."""
    return make_tables


@pytest.fixture(scope="session")
def context():
    return make_context()


@pytest.fixture(scope="session")
def tables(context):
    return make_tables(context)


@pytest.fixture(scope="session")
def few_context():
    """Next to nothing: one seed, two epochs, one frequency, one norm, two classes noised."""
    return make_context(
        scale="tiny",
        epochs=2,
        n_seeds=1,
        architectures=["wrn_32"],
        wave={"frequencies": [0.038], "compared": [0.038], "warm_up": 1},
        trajectory=[0, 2],
        train_sizes=[50_000],
        augmentations=["cutout"],
        magnitudes=[4.0],
        mixup_alphas=[0.1],
        teacher_weights=[0.5],
        generations=1,
        weight_decays=[5e-4],
        directions={"frequencies": [0.02], "spatial_frequencies": [1]},
        natural={"frequencies": [0.02], "n_random": 1},
        image_frequency={"norms": [2.0]},
        single_class={"classes": [3, 5]},
    )


@pytest.fixture(scope="session")
def few_tables(few_context):
    return make_tables(few_context)


@pytest.fixture(scope="session")
def images():
    return make_images()
