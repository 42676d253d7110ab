"""The updates are those of PyTorch's own optimiser, penalty and clipping included."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from spectral_bias.training.classifier.momentum import MomentumSGD


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("clip", [None, 0.7, 1e6])
def test_updates_are_those_of_pytorch(nesterov, clip):
    torch.manual_seed(0)
    start = [torch.randn(5, 3), torch.randn(4)]
    ours, theirs = ([nn.Parameter(t.clone()) for t in start] for _ in range(2))
    unused = nn.Parameter(torch.ones(2))
    optimiser = MomentumSGD([*ours, unused], 0.9, nesterov)
    reference = torch.optim.SGD(theirs, 0.1, momentum=0.9, nesterov=nesterov)
    for step in range(4):
        for parameters in (ours, theirs):
            sum(((p - step) ** 3).sum() for p in parameters).backward()
        with torch.no_grad():
            for p in theirs:
                p.grad += 0.2 * p
        if clip is not None:
            nn.utils.clip_grad_norm_(theirs, clip)
        reference.step()
        reference.zero_grad()
        optimiser.step(0.1, weight_decay=0.2, clip=clip)
        assert all(p.grad is None for p in ours)
        if step == 1:  # goes on from a checkpoint
            state = optimiser.state_dict()
            optimiser = MomentumSGD([*ours, unused], 0.9, nesterov)
            optimiser.load_state_dict(state)
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-5, atol=1e-6)
    assert torch.equal(unused, torch.ones(2))


@pytest.mark.parametrize("nesterov", [False, True])
def test_a_rate_in_a_tensor_may_change_from_step_to_step(nesterov):
    ours, theirs = (nn.Parameter(torch.linspace(-1, 2, 7)) for _ in range(2))
    optimiser, reference = (MomentumSGD([p], 0.9, nesterov) for p in (ours, theirs))
    rate = torch.zeros(())
    for value in (0.1, 0.05, 0.0, 0.2):
        for parameter in (ours, theirs):
            (parameter**3).sum().backward()
        optimiser.step(rate.fill_(value), weight_decay=0.2, clip=2.0)
        reference.step(value, weight_decay=0.2, clip=2.0)
        torch.testing.assert_close(ours, theirs)
        torch.testing.assert_close(optimiser.velocity, reference.velocity)


def test_it_spares_the_import_of_the_compiler():
    code = (
        "import sys, torch; from spectral_bias.training.classifier.momentum import MomentumSGD;"
        "p = torch.nn.Parameter(torch.ones(2)); o = MomentumSGD([p], 0.9); p.grad = p.detach() * 2;"
        "o.step(0.1); sys.exit('torch._dynamo' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
