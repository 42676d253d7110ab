"""Training runs: everything that determines their results, and nothing else.

Sections of the settings make runs, jobs train them. Between processes and in run.json a run is a
flat mapping under the names of config.yaml (`settings`, `run_of`); everywhere else it is one of the
classes here, which says what it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, ClassVar, Self

from spectral_bias.training.autoencoder.settings import AutoencoderSettings
from spectral_bias.training.classifier.augmentation.settings import Augmentation
from spectral_bias.training.classifier.settings import ClassifierSettings
from spectral_bias.training.classifier.wave import Wave
from spectral_bias.training.ensemble.settings import TrainSettings


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What names a run and seeds what it draws.

    Attributes:
        paper: name of the paper; empty until the run is `placed`, as are the others.
        run: name of the run, unique in its paper: weights and data are seeded by it.
        seed: base of all seeds.
    """

    paper: str = ""
    run: str = ""
    seed: int = 0

    def placed(self, paper: str, run: str, seed: int, precision: str) -> Self:
        """The run as one of a paper, trained with a precision."""
        training = replace(self.training, precision=precision)
        return replace(self, paper=paper, run=run, seed=seed, training=training)


@dataclass(frozen=True, kw_only=True)
class MlpRun(Identity):
    """An ensemble of small networks.

    Attributes:
        problem: name of the problem, see `experiments.problems`.
        training: network, optimiser, what is recorded.
        n_runs: networks of each setting of the problem.
        target: what else the problem is built from.
    """

    KIND: ClassVar[str] = "mlp"
    problem: str
    training: TrainSettings
    n_runs: int
    target: Mapping[str, Any] = field(default_factory=dict)

    @property
    def length(self) -> int:
        """Iterations."""
        return self.training.iterations

    def problem_settings(self) -> dict[str, Any]:
        """What the builder of the problem is given: target, n_runs, seed and run."""
        return {**self.target, "n_runs": self.n_runs, "seed": self.seed, "run": self.run}

    def settings(self) -> dict[str, Any]:
        """As in run.json."""
        training = asdict(self.training)
        network = {name: training.pop(name) for name in ("depth", "width", "activation")}
        training.pop("dtype")
        return _flat(self, network=network, **training, **self.target)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """From `settings()`."""
        rest, own = _split(cls, settings)
        names = {f.name for f in fields(TrainSettings)} & rest.keys()
        training = {name: rest.pop(name) for name in names} | rest.pop("network")
        training["records"] = tuple(training["records"])
        training["record_every"] = _tuple(training["record_every"])
        training["parameters_at"] = tuple(training.get("parameters_at", ()))
        return cls(**own, training=TrainSettings(**training), target=rest)


@dataclass(frozen=True, kw_only=True)
class AutoencoderRun(Identity):
    """A denoising autoencoder of images.

    Attributes:
        training: noise, optimiser.
        network: units of hidden layers and features.
        data: source of the images.
        train_fraction: the first part of the images, which trains.
        n_samples: images that it reconstructs.
    """

    KIND: ClassVar[str] = "autoencoder"
    training: AutoencoderSettings
    network: Mapping[str, Any]
    data: Mapping[str, Any]
    train_fraction: float
    n_samples: int

    @property
    def length(self) -> int:
        """Epochs."""
        return self.training.epochs

    def settings(self) -> dict[str, Any]:
        """As in run.json."""
        own = {name: getattr(self, name) for name in ("network", "data")}
        return _flat(self, **own, **asdict(self.training))

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """From `settings()`."""
        rest, own = _split(cls, settings)
        return cls(**own, training=AutoencoderSettings(**rest))


@dataclass(frozen=True)
class NetworkSpec:
    """A network by the callable that makes it, and its keyword arguments."""

    callable: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ClassifierRun(Identity):
    """An image classifier.

    Attributes:
        experiment: whose images it is trained on: data/<experiment>.npz, or the folder of images.
        architecture: name of the network, as figures call it.
        network: how it is made.
        data: which images.
        n_train: training images of all classes together, the first ones of each; None for all.
        training: optimiser, augmentation, label smoothing, what is recorded.
        teacher: name of the run whose answers are mixed into the targets.
        generation: of self-distillation, 0 without a teacher.
        replicate: number of the repetition with another seed.
    """

    KIND: ClassVar[str] = "classifier"
    experiment: str
    architecture: str
    network: NetworkSpec
    data: Mapping[str, Any]
    n_train: int | None
    training: ClassifierSettings
    teacher: str | None = None
    generation: int = 0
    replicate: int = 0

    @property
    def length(self) -> int:
        """Epochs."""
        return self.training.epochs

    @property
    def wave(self) -> Wave | None:
        """Of label smoothing."""
        return self.training.wave

    def changed(self, **changes: Any) -> Self:
        """The run with some attributes changed, its own or those of `training`."""
        own = {name: value for name, value in changes.items() if hasattr(self, name)}
        own.pop("wave", None)
        training = {name: value for name, value in changes.items() if name not in own}
        return replace(self, **own, training=replace(self.training, **training))

    def settings(self) -> dict[str, Any]:
        """As in run.json."""
        training = asdict(self.training)
        stop = {
            "test_accuracy": training.pop("stop_accuracy"),
            "training_loss": training.pop("stop_loss"),
        }
        own = {"network": asdict(self.network), "data": self.data, "stop": stop}
        return _flat(self, **own, **training)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """From `settings()`."""
        rest, own = _split(cls, settings)
        own["network"] = NetworkSpec(**own["network"])
        stop = rest.pop("stop")
        training = ClassifierSettings(
            **rest
            | {
                "augmentation": Augmentation(**rest["augmentation"]),
                "wave": rest["wave"] and Wave(**rest["wave"]),
                "probes": tuple(Wave(**wave) for wave in rest["probes"]),
                "checkpoint_epochs": tuple(rest["checkpoint_epochs"]),
                "stop_accuracy": stop["test_accuracy"],
                "stop_loss": stop["training_loss"],
            }
        )
        return cls(**own, training=training)


Run = MlpRun | ClassifierRun | AutoencoderRun
KINDS: dict[str, type[Run]] = {run.KIND: run for run in (MlpRun, ClassifierRun, AutoencoderRun)}


def run_of(settings: Mapping[str, Any]) -> Run:
    """The run with these `settings()`.

    Raises:
        ValueError: of no known kind.
    """
    kind = settings.get("kind")
    if kind not in KINDS:
        raise ValueError(f"kind: {kind!r} is an unknown kind of run; known: {', '.join(KINDS)}")
    return KINDS[kind].of(settings)


def _flat(run: Run, **more: Any) -> dict[str, Any]:
    """Kind, plain attributes of a run and `more`, with lists for tuples as in JSON."""
    nested = {"training", "target", "network", "data"}
    own = {f.name: getattr(run, f.name) for f in fields(run) if f.name not in nested}
    return _lists({"kind": run.KIND, **own, **more})


def _split(kind: type, settings: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is left of settings, and the attributes of a run of this class."""
    rest = {name: value for name, value in settings.items() if name != "kind"}
    names = {f.name for f in fields(kind)} & rest.keys()
    if kind is MlpRun:
        names -= {"network"}
    return rest, {name: rest.pop(name) for name in names}


def _lists(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _lists(entry) for name, entry in value.items()}
    return [_lists(entry) for entry in value] if isinstance(value, tuple | list) else value


def _tuple(value: int | Sequence[int]) -> int | tuple[int, ...]:
    return value if isinstance(value, int) else tuple(value)
