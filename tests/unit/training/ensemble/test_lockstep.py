"""The hand-written step against the obvious one: nn.Sequential, autograd and torch.optim.Adam."""

import numpy as np
import pytest
import torch

from spectral_bias.models.batched import NetworkShape, initial_parameters
from spectral_bias.models.mlp import relu_mlp
from spectral_bias.training.ensemble.lockstep import LockstepGroup

SEEDS = [11, 12, 13]


def data(members, n, d, loss, seed=0):
    rng = np.random.default_rng(seed)
    inputs = torch.tensor(rng.uniform(size=(n, d)))
    targets = torch.tensor(rng.normal(size=(members, n)))
    return inputs, (targets > 0).double() if loss == "bce" else targets


def reference(shape, seed, inputs, target, loss, learning_rate, steps, dtype):
    """Losses before each step and the final parameters of one network trained the plain way."""
    network = relu_mlp(shape.d_in, shape.width, shape.depth, seed, dtype)
    optimiser = torch.optim.Adam(network.parameters(), lr=learning_rate)
    criterion = torch.nn.MSELoss() if loss == "mse" else torch.nn.BCEWithLogitsLoss()
    losses = []
    for _ in range(steps):
        optimiser.zero_grad()
        value = criterion(network(inputs.to(dtype)).squeeze(1), target.to(dtype))
        value.backward()
        optimiser.step()
        losses.append(value.item())
    return losses, torch.nn.utils.parameters_to_vector(network.parameters()).detach()


@pytest.mark.parametrize("loss", ["mse", "bce"])
@pytest.mark.parametrize(
    "shape",
    [NetworkShape(1, 16, 6), NetworkShape(2, 24, 3), NetworkShape(9, 16, 4), NetworkShape(1, 8, 2)],
)
def test_500_steps_in_float64_equal_plain_training(shape, loss):
    inputs, targets = data(3, 40, shape.d_in, loss)
    group = LockstepGroup(
        shape, SEEDS, inputs, targets, loss=loss, learning_rate=1e-3, dtype=torch.float64
    )
    losses = []
    group.evaluate()
    for _ in range(500):
        losses.append(group.loss_R.clone())
        group.update()
    for member, seed in enumerate(SEEDS):
        expected_losses, expected = reference(
            shape, seed, inputs, targets[member], loss, 1e-3, 500, torch.float64
        )
        torch.testing.assert_close(group.flat_RP[member], expected, rtol=0, atol=1e-8)
        ours = torch.stack(losses)[:, member]
        torch.testing.assert_close(
            ours, torch.tensor(expected_losses, dtype=torch.float64), rtol=1e-8, atol=1e-10
        )


def test_2_steps_in_float32_at_full_size_equal_plain_training():
    shape = NetworkShape(1, 256, 6)
    inputs, targets = data(2, 200, 1, "mse")
    group = LockstepGroup(
        shape, SEEDS[:2], inputs.float(), targets.float(), loss="mse", learning_rate=3e-4
    )
    group.evaluate()
    for _ in range(2):
        group.update()
    for member in range(2):
        _, expected = reference(
            shape, SEEDS[member], inputs, targets[member], "mse", 3e-4, 2, torch.float32
        )
        torch.testing.assert_close(group.flat_RP[member], expected, rtol=0, atol=2e-5)


def test_members_with_inputs_of_their_own():
    shape = NetworkShape(2, 12, 3)
    inputs = torch.rand(3, 20, 2, dtype=torch.float64)
    _, targets = data(3, 20, 2, "mse")
    group = LockstepGroup(
        shape, SEEDS, inputs, targets, loss="mse", learning_rate=1e-3, dtype=torch.float64
    )
    group.evaluate()
    for _ in range(20):
        group.update()
    for member, seed in enumerate(SEEDS):
        _, expected = reference(
            shape, seed, inputs[member], targets[member], "mse", 1e-3, 20, torch.float64
        )
        torch.testing.assert_close(group.flat_RP[member], expected, rtol=0, atol=1e-12)


def test_initial_parameters_are_those_of_the_plain_network():
    shape = NetworkShape(3, 8, 4)
    rows = initial_parameters(shape, SEEDS, torch.float32)
    for row, seed in zip(rows, SEEDS, strict=True):
        torch.manual_seed(seed)
        linears = [torch.nn.Linear(i, o) for i, o in [(3, 8), (8, 8), (8, 8), (8, 1)]]
        expected = torch.cat([p.flatten() for layer in linears for p in layer.parameters()])
        assert torch.equal(row, expected)


def test_bfloat16_hidden_products_stay_close_but_are_not_the_same():
    shape = NetworkShape(1, 64, 4)
    inputs, targets = data(2, 50, 1, "mse")
    groups = [
        LockstepGroup(
            shape, SEEDS[:2], inputs.float(), targets.float(), loss="mse", learning_rate=1e-3,
            hidden_dtype=dtype,
        )
        for dtype in (None, torch.bfloat16)
    ]  # fmt: skip
    for group in groups:
        group.evaluate()
        for _ in range(50):
            group.update()
    exact, low = (group.loss_R for group in groups)
    assert not torch.equal(exact, low)
    torch.testing.assert_close(exact, low, rtol=0.05, atol=0)


def test_state_takes_training_up_bit_for_bit():
    shape = NetworkShape(1, 16, 3)
    inputs, targets = data(3, 30, 1, "mse")

    def fresh():
        return LockstepGroup(
            shape, SEEDS, inputs.float(), targets.float(), loss="mse", learning_rate=1e-2
        )

    whole, first, second = fresh(), fresh(), fresh()
    whole.evaluate()
    first.evaluate()
    for _ in range(30):
        whole.update()
    for _ in range(13):
        first.update()
    second.load_state(first.state())
    second.evaluate()
    for _ in range(17):
        second.update()
    assert torch.equal(whole.flat_RP, second.flat_RP)


def test_unknown_loss_is_named():
    inputs, targets = data(3, 10, 1, "mse")
    with pytest.raises(ValueError, match="unknown loss 'mae'; known: mse, bce"):
        LockstepGroup(NetworkShape(1, 4, 2), SEEDS, inputs, targets, loss="mae", learning_rate=1)
