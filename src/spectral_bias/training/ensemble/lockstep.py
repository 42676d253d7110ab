"""A group of networks of one shape, trained in lockstep with a hand-written backward pass.

Autograd and separate modules cost more than the arithmetic of such small networks. Here the
parameters of all members lie in one tensor, every buffer is allocated once, each layer is one
batched product over the members, and the optimiser is one call.

Shape suffixes: R members, N samples, D inputs, W width, P parameters of one member, L layers.
"""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from spectral_bias.models.batched import ForwardPass, initial_parameters, layer_views
from spectral_bias.models.shape import NetworkShape
from spectral_bias.training.ensemble.optimisers import OPTIMISERS
from spectral_bias.training.ensemble.settings import LOSSES
from spectral_bias.training.graphs import Recorder, recorded


class LockstepGroup:
    """R networks with their targets, gradients and optimiser, on one device.

    Args:
        shape: of every member.
        seeds: one per member.
        inputs: (N, D) shared by all members, or (R, N, D).
        targets: (R, N); real values for "mse", 0 or 1 for "bce" (on logits).
        loss: "mse" or "bce", each a mean over the N samples.
        learning_rate: of the optimiser, which sees all samples in every step.
        optimiser: one of OPTIMISERS.
        dtype: of the parameters and of all arithmetic.
        hidden_dtype: of the hidden products alone; None for `dtype`.
        weight_clip: (R,), K: after each update every parameter is clamped to [-K, K].
    """

    def __init__(
        self,
        shape: NetworkShape,
        seeds: list[int],
        inputs: Tensor,
        targets: Tensor,
        *,
        loss: str,
        learning_rate: float,
        optimiser: str = "adam",
        dtype: torch.dtype = torch.float32,
        hidden_dtype: torch.dtype | None = None,
        weight_clip: Tensor | None = None,
    ) -> None:
        if loss not in LOSSES:
            raise ValueError(f"unknown loss {loss!r}; known: {', '.join(LOSSES)}")
        self.shape, self.loss, self.seeds = shape, loss, list(seeds)
        self.flat_RP = initial_parameters(shape, seeds, dtype).to(inputs.device)
        self.grad_RP = torch.zeros_like(self.flat_RP)
        low = hidden_dtype or dtype
        self.hidden_RP = self.flat_RP if low == dtype else self.flat_RP.to(low)
        self.hidden_grad_RP = self.grad_RP if low == dtype else torch.zeros_like(self.hidden_RP)
        self.targets_RN = targets.to(dtype)
        self.inputs = inputs.to(dtype)
        self.forward = ForwardPass(self.inputs, self.flat_RP, self.hidden_RP, shape, trained=True)
        self.clip_R1 = None if weight_clip is None else weight_clip.to(dtype).unsqueeze(1)
        self._allocate_backward()
        self.optimiser = OPTIMISERS[optimiser](self.flat_RP, self.grad_RP, learning_rate)

    def _allocate_backward(self) -> None:
        self.residual_RN = torch.empty_like(self.targets_RN)
        self.loss_R = self.targets_RN.new_empty(len(self.targets_RN))
        self.delta_RNW = [torch.empty_like(self.forward.h_RNW[0]) for _ in range(2)]
        self.edge_grad = layer_views(self.grad_RP, self.shape)
        self.hidden_grad = layer_views(self.hidden_grad_RP, self.shape)
        if not self.forward.same_precision:
            self.edge_delta_RNW = torch.empty_like(self.forward.first_RNW)
            start = self.shape.d_in * self.shape.width + self.shape.width
            self.hidden_span = slice(start, self.shape.n_parameters - self.shape.width - 1)

    @property
    def n_members(self) -> int:
        """R."""
        return len(self.flat_RP)

    def forward_on(self, inputs: Tensor) -> ForwardPass:
        """A forward pass of the same networks on other inputs, (M, D) or (R, M, D)."""
        return ForwardPass(inputs, self.flat_RP, self.hidden_RP, self.shape)

    def loss_of(self, output_RM: Tensor, targets: Tensor) -> Tensor:
        """Mean loss (R,) of outputs against targets (M,) or (R, M)."""
        if self.loss == "mse":
            return (output_RM - targets).square_().mean(dim=1)
        softplus = torch.nn.functional.softplus(output_RM)
        return softplus.sub_(targets * output_RM).mean(dim=1)

    def evaluate(self) -> Tensor:
        """Forward pass and loss; leaves (R, N) in `forward.output_RN`, returns the loss (R,)."""
        output = self.forward.run()
        if self.loss == "mse":
            torch.sub(output, self.targets_RN, out=self.residual_RN)
            torch.linalg.vector_norm(self.residual_RN, dim=1, out=self.loss_R)
            self.loss_R.square_().div_(output.shape[1])
        else:
            torch.sigmoid(output, out=self.residual_RN).sub_(self.targets_RN)
            self.loss_R.copy_(self.loss_of(output, self.targets_RN))
        return self.loss_R

    def update(self) -> None:
        """One update from the state that `evaluate` left behind, then `evaluate` again."""
        self.step()
        self.evaluate()

    def compiled_update(self, record: Recorder | None = None) -> Callable[[], None]:
        """`update`, on CUDA recorded once as a graph: about 60 launches become one replay.

        The parameters stay as they are; `evaluate` is to be called before the first update. Call it
        while no other thread uses the device.

        Args:
            record: records the update on other devices too; None for a graph where there is CUDA.

        Raises:
            RuntimeError: the update cannot be recorded, or replaying it changes nothing.
        """
        device = self.flat_RP.device
        if record is None and device.type != "cuda":
            return self.update

        def update() -> tuple[Tensor, ...]:
            self.update()
            return (self.loss_R,)

        self.evaluate()
        state = [self.flat_RP, self.hidden_RP, *self.optimiser.state().values()]
        _, replay = recorded(update, state, device, record)
        return replay

    def step(self) -> None:
        """One update from the state that `evaluate` left behind."""
        self._backward()
        self.optimiser.step()
        if self.clip_R1 is not None:
            torch.clamp(self.flat_RP, -self.clip_R1, self.clip_R1, out=self.flat_RP)
        if self.hidden_RP is not self.flat_RP:
            self.hidden_RP.copy_(self.flat_RP)

    def _backward(self) -> None:
        """The gradient of every member's loss, into `grad_RP`; uses up `residual_RN`.

        With the layers of `ForwardPass.run` and delta_l = d loss / d (h_{l-1} W_l^T + b_l):

            delta_L = loss'(output)        2 (output - target) / N for "mse",
                                           (sigmoid(output) - target) / N for "bce"
            delta_l = (delta_{l+1} W_{l+1}) * phi'(h_{l-1} W_l^T + b_l)
            d loss / d W_l = delta_l^T h_{l-1},    d loss / d b_l = sum over the samples of delta_l

        `forward.h_RNW[l - 1]` holds h_l and `forward.kept_RNW[l - 1]` what gives phi' there, so the
        loop below counts hidden layers from 0 as the buffers do.
        """
        activation, kept_RNW = self.forward.activation, self.forward.kept_RNW
        n = self.residual_RN.shape[1]
        # `evaluate` left output - target, or sigmoid(output) - target.
        self.residual_RN.mul_((2.0 if self.loss == "mse" else 1.0) / n)  # delta_L (R, N)
        weight_grad, bias_grad = self.edge_grad[-1]  # of W_L (R, 1, W) and b_L (R, 1)
        g_R1N = self.residual_RN.unsqueeze(1)
        _product_into(weight_grad, g_R1N, self.forward.last_RNW)  # (R, 1, N) (R, N, W)
        torch.sum(self.residual_RN, dim=1, keepdim=True, out=bias_grad)
        delta, spare = self.delta_RNW
        # delta_L W_L, an outer product: (R, N, 1) times (R, 1, W).
        torch.mul(self.residual_RN.unsqueeze(2), self.forward.edge[-1][0], out=delta)
        for layer in range(self.shape.depth - 2, 0, -1):
            weight_grad, bias_grad = self.hidden_grad[layer]  # (R, W, W), (R, W)
            activation.backward(delta, kept_RNW[layer])  # delta of this layer (R, N, W)
            # (R, W, N) (R, N, W)
            _product_into(weight_grad, delta.mT, self.forward.h_RNW[layer - 1])
            torch.sum(delta, dim=1, out=bias_grad)
            # What the layer below gets, before its activation: (R, N, W) (R, W, W).
            torch.bmm(delta, self.forward.hidden[layer][0], out=spare)
            delta, spare = spare, delta
        activation.backward(delta, kept_RNW[0])  # delta_1 (R, N, W)
        if not self.forward.same_precision:
            # Gradients of the hidden layers and delta_1, back in the parameters' own precision.
            self.grad_RP[:, self.hidden_span].copy_(self.hidden_grad_RP[:, self.hidden_span])
            delta = self.edge_delta_RNW.copy_(delta)
        weight_grad, bias_grad = self.edge_grad[0]  # of W_1 (R, W, D) and b_1 (R, W)
        if self.shape.d_in <= 4:
            # The transposed product, (R, D, N) (R, N, W): few rows are faster than few columns.
            _product_into(weight_grad.mT, self.forward.x_RND.mT, delta)
        else:
            _product_into(weight_grad, delta.mT, self.forward.x_RND)  # (R, W, N) (R, N, D)
        torch.sum(delta, dim=1, out=bias_grad)

    def weights(self) -> Iterator[Tensor]:
        """The weight matrices (R, out, in), first layer to last."""
        return (weight for weight, _ in layer_views(self.flat_RP, self.shape))

    def state(self) -> dict[str, Tensor]:
        """Everything that the next step depends on, as copies on the CPU."""
        tensors = {"parameters": self.flat_RP, **self.optimiser.state()}
        return {name: tensor.detach().cpu().clone() for name, tensor in tensors.items()}

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Takes up where `state()` left off; in place, since a captured graph keeps addresses."""
        for name, tensor in {"parameters": self.flat_RP, **self.optimiser.state()}.items():
            tensor.copy_(state[name])
        if self.hidden_RP is not self.flat_RP:
            self.hidden_RP.copy_(self.flat_RP)


def _product_into(view: Tensor, a: Tensor, b: Tensor) -> None:
    """Sets a view into the gradients of all members to the batched product a b.

    On a CPU a product that is written with gaps between its matrices, as in such a view, runs
    matrix by matrix. One batched product and a copy take a third of the time where both are small.
    """
    if view.is_cuda or view.is_contiguous():
        torch.bmm(a, b, out=view)
    else:
        view.copy_(torch.bmm(a, b))
