"""One lockstep group on its way through training: updates, records, checkpoints."""

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from spectral_bias.data.problem import Problem
from spectral_bias.models.batched import ForwardPass
from spectral_bias.runtime.checkpoint import Checkpoint
from spectral_bias.spectra.norms import TrackedNorms
from spectral_bias.training.divergence import diverged
from spectral_bias.training.ensemble.lockstep import LockstepGroup
from spectral_bias.training.ensemble.settings import TrainSettings

History = dict[str, np.ndarray]
"""Arrays by name: loss_iteration (T,), loss and validation_loss (T, R), record_iteration (T',), and
of the recorded quantities prediction (T', R, N), probe (T', R, Q), spectral_norm (T', R, L); where
parameters are kept, parameters_iteration (T'',) and parameters (T'', R, P)."""


LOSSES = {"loss": "training loss", "validation_loss": "validation loss"}
"""Those of the recorded arrays that must stay finite, and what they are called."""


def recorded_iterations(iterations: int, every: int | Sequence[int]) -> list[int]:
    """0, every, 2 every, … and the last iteration; or just the iterations that are listed."""
    if not isinstance(every, int):
        return sorted(set(every))
    return sorted({*range(0, iterations + 1, every), iterations})


class Records:
    """Preallocated history of a group; filled in place, on the training device."""

    def __init__(
        self, group: LockstepGroup, settings: TrainSettings, probes: int, validated: bool
    ) -> None:
        members, n = group.targets_RN.shape
        times = recorded_iterations(settings.iterations, settings.loss_every)
        self.loss_at = {iteration: row for row, iteration in enumerate(times)}
        self._loss_times, self._checked = times, 0
        times = recorded_iterations(settings.iterations, settings.record_every)
        self.record_at = {i: row for row, i in enumerate(times)} if settings.records else {}
        sizes = {"prediction": n, "probe": probes, "spectral_norm": settings.depth}
        make = group.targets_RN.new_zeros
        self.tensors = {"loss": make(len(self.loss_at), members)}
        if validated:
            self.tensors["validation_loss"] = make(len(self.loss_at), members)
        for name in settings.records:
            self.tensors[name] = make(len(self.record_at), members, sizes[name])
        times = recorded_iterations(settings.iterations, settings.parameters_at)
        self.parameters_at = {iteration: row for row, iteration in enumerate(times)}
        if self.parameters_at:
            self.tensors["parameters"] = make(len(times), *group.flat_RP.shape)

    def first_not_finite(self, iteration: int) -> tuple[int, int, str, float] | None:
        """(iteration, member, name, value) of the first recorded loss that is not finite.

        Looks at the records up to `iteration` that no earlier call has looked at; that waits for
        the device.
        """
        start, self._checked = self._checked, bisect_right(self._loss_times, iteration)
        found = []
        for name in LOSSES.keys() & self.tensors.keys():
            losses = self.tensors[name][start : self._checked]
            places = losses.isfinite().logical_not_().nonzero().tolist()
            if places:
                row, member = places[0]
                time = self._loss_times[start + row]
                found.append((time, member, name, losses[row, member].item()))
        return min(found, default=None)

    def until(self, iteration: int) -> History:
        """Copies of all records of iterations up to and including `iteration`."""
        kept = {"loss": self.loss_at, "record": self.record_at, "parameters": self.parameters_at}
        past = {name: [i for i in at if i <= iteration] for name, at in kept.items()}
        history = {
            f"{name}_iteration": np.array(times, dtype=int)
            for name, times in past.items()
            if kept[name]
        }
        for name, tensor in self.tensors.items():
            axis = "loss" if name.endswith("loss") else name if name in kept else "record"
            history[name] = tensor[: len(past[axis])].cpu().numpy().copy()
        return history


class GroupRun:
    """Trains `members` of a problem; resumes from its checkpoint where there is one."""

    def __init__(
        self,
        problem: Problem,
        settings: TrainSettings,
        members: range,
        device: torch.device,
        checkpoint: Checkpoint,
    ) -> None:
        def place(array: np.ndarray) -> Tensor:
            return torch.as_tensor(array, dtype=settings.torch_dtype, device=device)

        def place_members(array: np.ndarray | None) -> Tensor | None:
            return None if array is None else place(array[members.start : members.stop])

        self.settings, self.checkpoint, self.members = settings, checkpoint, members
        self.lockstep = LockstepGroup(
            settings.shape(problem.d_in),
            problem.seeds[members.start : members.stop],
            place(problem.member_inputs(members)),
            place_members(problem.targets),
            loss=settings.loss,
            learning_rate=settings.learning_rate,
            optimiser=settings.optimiser,
            dtype=settings.torch_dtype,
            hidden_dtype=settings.hidden_dtype,
            weight_clip=place_members(problem.weight_clip),
        )
        self.probe = None if problem.probe is None else place(problem.probe)
        self.validation: ForwardPass | None = None
        if problem.validation_inputs is not None:
            goal = problem.validation_targets
            self.validation_targets = place(goal) if goal.ndim == 1 else place_members(goal)
            self.validation = self.lockstep.forward_on(place(problem.validation_inputs))
        probes = 0 if self.probe is None else self.probe.shape[1]
        self.history = Records(self.lockstep, settings, probes, self.validation is not None)
        self.norms = TrackedNorms(list(self.lockstep.weights()))
        self.iteration, self.started = 0, False
        self._resume()
        # Not by the thread that trains: a graph is recorded while no other thread uses the device.
        self._update = self.lockstep.compiled_update()

    @property
    def finished(self) -> bool:
        """Whether all updates are done and recorded."""
        return self.started and self.iteration >= self.settings.iterations

    def advance(self, updates: int) -> None:
        """Up to `updates` further updates, with their records."""
        if not self.started:
            self._start()
        for _ in range(min(updates, self.settings.iterations - self.iteration)):
            self._update()
            self.iteration += 1
            self._record()

    def _start(self) -> None:
        self.lockstep.evaluate()
        self.started = True
        if self.iteration == 0:
            self._record()

    def _record(self) -> None:
        tensors, output_RN = self.history.tensors, self.lockstep.forward.output_RN
        row = self.history.loss_at.get(self.iteration)
        if row is not None:
            tensors["loss"][row] = self.lockstep.loss_R
            if self.validation is not None:
                tensors["validation_loss"][row] = self.lockstep.loss_of(
                    self.validation.run(), self.validation_targets
                )
        row = self.history.parameters_at.get(self.iteration)
        if row is not None:
            tensors["parameters"][row] = self.lockstep.flat_RP
        row = self.history.record_at.get(self.iteration)
        if row is None:
            return
        if "prediction" in tensors:
            tensors["prediction"][row] = output_RN
        if "probe" in tensors:
            tensors["probe"][row] = output_RN @ self.probe
        if "spectral_norm" in tensors:
            tensors["spectral_norm"][row] = self.norms()

    def require_finite(self) -> None:
        """Does nothing while the losses are finite; on a GPU it waits for it.

        Parameters that are no numbers stay so, so that looking now and then finds a divergence at
        the first record that shows it.

        Raises:
            UserError: a loss is infinite or no number; names the member and the iteration.
        """
        if not self.started:
            return
        found = self.history.first_not_finite(self.iteration)
        if found is None:  # the last update need not be one that is recorded
            places = self.lockstep.loss_R.isfinite().logical_not_().nonzero().tolist()
            if not places:
                return
            (member,) = places[0]
            found = self.iteration, member, "loss", self.lockstep.loss_R[member].item()
        iteration, member, name, value = found
        who = f"member {self.members.start + member}"
        when, rate = f"at iteration {iteration}", self.settings.learning_rate
        raise diverged(f"{who}: the {LOSSES[name]}", value, when, rate)

    def save(self) -> None:
        """Writes state and records so far, if this run keeps checkpoints."""
        if self.checkpoint.path is None or not self.started:
            return
        records = {name: tensor.cpu() for name, tensor in self.history.tensors.items()}
        state = {"iteration": self.iteration, **self.lockstep.state()}
        state |= {"records": records, "norms": self.norms.state()}
        self.checkpoint.save(state)

    def _resume(self) -> None:
        state = self.checkpoint.load()
        if not state:
            return
        self.iteration = state.pop("iteration")
        for name, saved in state.pop("records").items():
            self.history.tensors[name].copy_(saved)
        self.norms.load_state(state.pop("norms"))
        self.lockstep.load_state(state)
