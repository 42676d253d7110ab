"""The hand-written step against the obvious one: nn.Sequential, autograd and torch.optim."""

import numpy as np
import pytest
import torch

from spectral_bias.models.activations import ACTIVATIONS
from spectral_bias.models.batched import ForwardPass, initial_parameters
from spectral_bias.models.mlp import mlp
from spectral_bias.models.shape import NetworkShape
from spectral_bias.training.ensemble.lockstep import LockstepGroup
from spectral_bias.training.ensemble.optimisers import OPTIMISERS
from spectral_bias.training.ensemble.settings import LOSSES

SEEDS = [11, 12, 13]


class Sine(torch.nn.Module):
    def forward(self, x):
        return torch.sin(x)


MODULES = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh, "sine": Sine}
PLAIN = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}


def data(members, n, d, loss, seed=0):
    rng = np.random.default_rng(seed)
    inputs = torch.tensor(rng.uniform(size=(n, d)))
    targets = torch.tensor(rng.normal(size=(members, n)))
    return inputs, (targets > 0).double() if loss == "bce" else targets


def plain_network(shape, seed, dtype):
    network = mlp(shape.d_in, shape.width, shape.depth, seed, dtype)
    for place in range(1, len(network), 2):
        network[place] = MODULES[shape.activation]()
    return network


def reference(shape, seed, inputs, target, loss, learning_rate, steps, dtype, optimiser="adam"):
    """Losses before each step and the final parameters of one network trained the plain way."""
    network = plain_network(shape, seed, dtype)
    optimiser = PLAIN[optimiser](network.parameters(), lr=learning_rate)
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


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_loss_and_optimiser_equals_plain_training(activation, loss, optimiser):
    shape, rate = NetworkShape(2, 12, 4, activation), {"adam": 1e-3, "sgd": 0.1}[optimiser]
    inputs, targets = data(3, 30, 2, loss)
    group = LockstepGroup(
        shape, SEEDS, inputs, targets, loss=loss, learning_rate=rate, optimiser=optimiser,
        dtype=torch.float64,
    )  # fmt: skip
    before = group.evaluate().clone()
    for _ in range(150):
        group.update()
    assert (group.loss_R < before).all()
    for member, seed in enumerate(SEEDS):
        _, expected = reference(
            shape, seed, inputs, targets[member], loss, rate, 150, torch.float64, optimiser
        )
        torch.testing.assert_close(group.flat_RP[member], expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations_in_place_equal_the_function_and_its_derivative(activation):
    phi = ACTIVATIONS[activation]
    a = torch.linspace(-5, 5, 101, dtype=torch.float64).requires_grad_()
    expected = phi.function(a)
    expected.backward(torch.full_like(a, 3.0))
    with torch.no_grad():
        h, left, delta = a.clone(), torch.empty_like(a), torch.full_like(a, 3.0)
        phi.forward(h, left if phi.keeps_derivative else None)
        phi.backward(delta, left if phi.keeps_derivative else h)
    torch.testing.assert_close(h, expected.detach())
    torch.testing.assert_close(delta, a.grad)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_forward_passes_equal_the_plain_network_trained_or_not(activation):
    shape = NetworkShape(1, 8, 4, activation)
    inputs, flat = torch.rand(20, 1), initial_parameters(shape, SEEDS, torch.float32)
    for trained in (False, True):
        ours = ForwardPass(inputs, flat, flat, shape, trained).run()
        for member, seed in enumerate(SEEDS):
            expected = plain_network(shape, seed, torch.float32)(inputs).squeeze(1).detach()
            torch.testing.assert_close(ours[member], expected, rtol=0, atol=1e-6)


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


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_bfloat16_hidden_products_stay_close_but_are_not_the_same(activation):
    shape = NetworkShape(1, 64, 4, activation)
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


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_state_takes_training_up_bit_for_bit(optimiser):
    shape = NetworkShape(1, 16, 3)
    inputs, targets = data(3, 30, 1, "mse")

    def fresh():
        return LockstepGroup(
            shape, SEEDS, inputs.float(), targets.float(), loss="mse", learning_rate=1e-2,
            optimiser=optimiser,
        )  # fmt: skip

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
