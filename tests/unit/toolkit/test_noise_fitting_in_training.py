"""Noise fitting in a user's own training: against closed forms, and without a trace in it."""

import json
import math

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.figure import Figure
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from spectral_bias.errors import UserError
from spectral_bias.toolkit.noise.fitting import NoiseFitting
from spectral_bias.training.classifier.label_smoothing import LabelSmoothing
from spectral_bias.training.classifier.wave import Wave

SHAPE = (3, 8, 8)
EVEN = torch.ones(120, *SHAPE)
WAVES = [
    Wave("radial", 0.3, 0.2),
    Wave("radial", None, 0.2, cycles=0.7),
    Wave("radial", 0.3, 0.2, noise_class=2),
    Wave("fourier", 0.1, 0.1, spatial_frequency=3.1),
    Wave("1/f2", 0.2, 0.4),
    Wave("f2", 0.7, 0.1),
    Wave("random", None, 0.5, seed=3, cycles=0.5),
    Wave("uniform", None, 0.25),
]


def named(wave):
    return f"{wave.kind}-{wave.cycles}-{wave.noise_class}"


def pictures(count=120, seed=0):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(count, *SHAPE, generator=generator)
    return x * torch.linspace(0.5, 1.5, count)[:, None, None, None], torch.arange(count) % 4


def network(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(192, 16),
        nn.BatchNorm1d(16),
        nn.ReLU(),
        nn.Dropout(),
        nn.Linear(16, 4),
    )


def probing(wave=None, seed=1, **options):
    x, y = pictures(seed=seed)
    return NoiseFitting(wave, images=x, labels=y, **options)


@pytest.mark.parametrize("wave", WAVES, ids=named)
def test_terms_of_known_logits_image_by_image(wave):
    x, y = pictures(seed=1)
    noise = NoiseFitting(wave, images=x, labels=y)
    logits = torch.randn(120, 4, generator=torch.Generator().manual_seed(2))
    found = noise.evaluate_logits(logits, step=3)
    spread = LabelSmoothing(noise.wave, SHAPE, torch.device("cpu")).coordinate(x)
    if wave.cycles:
        assert noise.wave.frequency == pytest.approx(wave.cycles / spread.numpy().std(), rel=1e-5)
    rates = LabelSmoothing(noise.wave, SHAPE, torch.device("cpu")).rate(x, y).tolist()
    clean, noisy, r, m, right = [], [], [], [], []
    for image, label in enumerate(y.tolist()):
        if wave.noise_class not in (None, label):
            continue
        shifted = [math.exp(v) for v in logits[image].tolist()]
        losses = [-math.log(v / sum(shifted)) for v in shifted]
        rate = rates[image]
        target = [(1 - rate) * (c == label) + rate / 4 for c in range(4)]
        clean.append(losses[label])
        noisy.append(sum(t * loss for t, loss in zip(target, losses, strict=True)))
        r.append(rate)
        m.append(np.mean(losses) - losses[label])
        right.append(losses[label] == min(losses))
    covariance = -np.mean((np.array(r) - np.mean(r)) * (np.array(m) - np.mean(m)))
    assert found.step == 3
    assert found.clean_loss == pytest.approx(np.mean(clean), rel=1e-5)
    assert found.noisy_loss == pytest.approx(np.mean(noisy), rel=1e-5)
    assert found.noise_fitting == pytest.approx(np.mean(clean) - np.mean(noisy), rel=1e-3)
    assert found.confidence_term == pytest.approx(-np.mean(r) * np.mean(m), rel=1e-4)
    assert found.covariance_term == pytest.approx(covariance, rel=1e-3, abs=1e-8)
    assert found.accuracy == pytest.approx(np.mean(right))
    together = found.confidence_term + found.covariance_term
    assert found.noise_fitting == pytest.approx(together, abs=1e-12)


def test_even_smoothing_has_no_covariance_and_no_interval_of_it():
    found = probing(kind="uniform", amplitude=0.3).evaluate_logits(torch.randn(120, 4), 1)
    assert found.covariance_term == pytest.approx(0, abs=1e-9)
    assert found.covariance_term_high - found.covariance_term_low == pytest.approx(0, abs=1e-9)
    assert found.noise_fitting_high > found.noise_fitting_low


def test_a_network_that_is_equally_sure_of_all_images_has_no_covariance():
    x, y = pictures(seed=1)
    noise = NoiseFitting(kind="radial", frequency=0.3, images=x, labels=y)
    found = noise.evaluate_logits(2.0 * F.one_hot(y, 4), 1)
    m = 2 * (3 / 4)  # mean_c l_c - l_y = logit of the true class - mean logit
    assert found.covariance_term == pytest.approx(0, abs=1e-9)
    assert found.noise_fitting == pytest.approx(-0.1 * m, rel=1e-5)
    assert found.clean_loss == pytest.approx(math.log(math.e**2 + 3) - 2, rel=1e-6)
    assert found.accuracy == 1


@pytest.mark.parametrize("noise_class", [None, 2])
def test_intervals_are_those_of_the_jackknife_by_leaving_out_each_image(noise_class):
    x, y = pictures(seed=1)
    wave = {"kind": "radial", "frequency": 0.03, "noise_class": noise_class}
    logits = torch.randn(120, 4, generator=torch.Generator().manual_seed(2))
    found = NoiseFitting(**wave, images=x, labels=y).evaluate_logits(logits, 1)
    without = []
    for image in range(120):
        rest = torch.arange(120) != image
        fewer = NoiseFitting(**wave, images=x[rest], labels=y[rest])
        without.append(fewer.evaluate_logits(logits[rest], 1))
    t = 2.045230 if noise_class else 1.980100  # of 29 and 119 degrees of freedom
    for name in ("noise_fitting", "covariance_term"):
        values = np.array([getattr(fit, name) for fit in without])
        error = math.sqrt(119 / 120 * np.sum((values - values.mean()) ** 2))
        low, value, high = (getattr(found, f"{name}{end}") for end in ("_low", "", "_high"))
        assert high - value == pytest.approx(t * error, rel=1e-3) and error > 1e-4
        assert value - low == pytest.approx(t * error, rel=1e-3)


def test_intervals_cover_as_often_as_they_say():
    generator = torch.Generator().manual_seed(0)
    population = 200_000
    x = torch.randn(population, 1, 2, 2, generator=generator)
    noise = NoiseFitting(
        kind="radial", cycles=0.5, images=x, labels=torch.zeros(population).long(), n_classes=2
    )
    along = LabelSmoothing(noise.wave, (1, 2, 2), torch.device("cpu"))
    classes = torch.zeros(population).long()
    sure = along.rate(x, classes) * 5 + torch.randn(population, generator=generator)
    logits = torch.stack([sure, torch.zeros(population)], 1)
    truth = noise.evaluate_logits(logits, 0)
    inside = {"noise_fitting": 0, "covariance_term": 0}
    for part in torch.arange(population).view(500, 400):
        some = {"images": x[part], "labels": classes[part], "n_classes": 2}
        one = NoiseFitting(kind="radial", frequency=noise.wave.frequency, **some)
        fit = one.evaluate_logits(logits[part], 0)
        for name in inside:
            low, high = getattr(fit, f"{name}_low"), getattr(fit, f"{name}_high")
            inside[name] += low <= getattr(truth, name) <= high
    assert 0.92 < inside["noise_fitting"] / 500 < 0.98, inside
    assert 0.92 < inside["covariance_term"] / 500 < 0.98, inside


def test_few_images_have_no_interval():
    x, y = pictures()
    found = NoiseFitting(
        kind="radial", frequency=0.3, images=x[:2], labels=y[:2], n_classes=4
    ).evaluate_logits(torch.randn(2, 4), 1)
    assert math.isnan(found.noise_fitting_low) and math.isnan(found.covariance_term_high)
    assert math.isfinite(found.noise_fitting)


@pytest.mark.parametrize("wave", WAVES, ids=named)
@pytest.mark.parametrize("soft", [False, True])
def test_targets_are_smoothed_as_in_the_workflow(wave, soft):
    x, y = pictures(40, seed=5)
    noise = probing(wave)
    targets = F.one_hot(y, 4).float()
    if soft:
        targets = 0.8 * targets + 0.2 * targets.roll(1, 0)
    expected = LabelSmoothing(noise.wave, SHAPE, torch.device("cpu")).smoothed(x, targets)
    assert torch.equal(noise.smooth(x, targets if soft else y), expected)
    torch.testing.assert_close(expected.sum(1), torch.ones(40))


def test_smoothing_leaves_what_it_is_given_and_carries_no_gradient():
    x, y = pictures(40, seed=5)
    x.requires_grad_()
    before = x.detach().clone(), y.clone()
    found = probing(kind="radial", frequency=0.3).smooth(x, y)
    assert not found.requires_grad
    assert torch.equal(x.detach(), before[0]) and torch.equal(y, before[1])


def test_evaluation_is_that_of_the_logits_in_evaluation_mode():
    x, y = pictures(seed=1)
    net = network()
    net.train()
    net[2].eval()  # a frozen layer stays frozen
    by_network = NoiseFitting(kind="radial", cycles=0.5, images=x, labels=y, batch_size=7)
    found = by_network.evaluate(net, 1)
    assert [module.training for module in net] == [True, True, False, True, True, True]
    assert net.training
    net.eval()
    with torch.no_grad():
        logits = net(x)
    by_logits = NoiseFitting(kind="radial", cycles=0.5, images=x, labels=y)
    for name, value in by_logits.evaluate_logits(logits, 1).row().items():
        assert found.row()[name] == pytest.approx(value, rel=1e-4, abs=1e-7), name


def test_a_network_that_fails_gets_its_mode_back():
    class Failing(nn.Module):
        def forward(self, x):
            raise KeyError("no")

    for net, problem in ((Failing(), KeyError), (nn.Flatten(), UserError)):
        with pytest.raises(problem):
            probing(kind="radial", cycles=0.5).evaluate(net, 1)
        assert net.training and torch.is_grad_enabled()


def test_logits_may_come_in_an_output_and_within_an_autocast():
    class Output(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = network()

        def forward(self, x):
            assert not torch.is_grad_enabled()
            return type("Output", (), {"logits": self.inner(x)})()

    net = Output()
    plain = probing(kind="radial", cycles=0.5).evaluate(net.inner, 1)
    with torch.autocast("cpu", torch.bfloat16):
        assert probing(kind="radial", cycles=0.5).evaluate(net, 1) == plain

    sure = nn.Sequential(net.inner, nn.Softmax(1))
    by_name = probing(kind="radial", cycles=0.5).evaluate(sure, 1, outputs="probabilities")
    assert by_name.clean_loss == pytest.approx(plain.clean_loss, rel=1e-5)
    halved = probing(kind="radial", cycles=0.5).evaluate(net.to(torch.bfloat16), 1)
    assert halved.clean_loss == pytest.approx(plain.clean_loss, rel=0.02)


def test_an_exported_network_has_no_mode_to_change():
    net = network().eval()
    batch = torch.export.Dim("batch", min=2)
    x, _ = pictures(8)
    exported = torch.export.export(net, (x,), dynamic_shapes=({0: batch},)).module()
    found = probing(kind="radial", cycles=0.5).evaluate(exported, 1)
    plain = probing(kind="radial", cycles=0.5).evaluate(net, 1)
    assert found.noise_fitting == pytest.approx(plain.noise_fitting, abs=1e-6)


def trained(data, steps, noise, net=None, optimiser=None, probe=True):
    """A small training whose loader shuffles and whose network drops out at random."""
    net = net or network()
    optimiser = optimiser or torch.optim.SGD(net.parameters(), 0.05, momentum=0.9)
    for step in steps:
        torch.manual_seed(step)
        for x, y in DataLoader(data, batch_size=20, shuffle=True):
            net.train()
            optimiser.zero_grad()
            F.cross_entropy(net(x), noise.smooth(x, y)).backward()
            optimiser.step()
            if probe and len(noise.history) < step:
                noise.evaluate(net, step)
    return net, optimiser


@pytest.mark.parametrize("how", ["tensor", "dataset", "loader"])
def test_a_training_is_the_same_to_the_bit_whether_it_is_measured_or_not(how):
    x, y = pictures(seed=1)
    held = {
        "tensor": {"images": x, "labels": y},
        "dataset": {"images": TensorDataset(x, y)},
        "loader": {"images": DataLoader(TensorDataset(x, y), batch_size=50)},
    }[how]
    noise = NoiseFitting(kind="radial", cycles=0.5, **held)
    data = TensorDataset(*pictures(60))
    measured, _ = trained(data, range(1, 4), noise)
    alone, _ = trained(data, range(1, 4), noise, probe=False)
    assert [fit.step for fit in noise.history] == [1, 2, 3]
    for ours, theirs in zip(
        measured.state_dict().values(), alone.state_dict().values(), strict=True
    ):
        assert torch.equal(ours, theirs)


def test_a_resumed_history_is_the_uninterrupted_one_to_the_bit(tmp_path):
    data = TensorDataset(*pictures(60))
    whole = probing(kind="random", cycles=0.5, seed=2)
    trained(data, range(1, 5), whole)
    first = probing(kind="random", cycles=0.5, seed=2)
    net, optimiser = trained(data, range(1, 3), first)
    torch.save([net.state_dict(), optimiser.state_dict(), first.state_dict()], tmp_path / "it.pt")
    state = torch.load(tmp_path / "it.pt", weights_only=True)
    net, second = network(7), probing(kind="random", cycles=0.5, seed=2)
    net.load_state_dict(state[0])
    optimiser = torch.optim.SGD(net.parameters(), 0.05, momentum=0.9)
    optimiser.load_state_dict(state[1])
    second.load_state_dict(state[2])
    trained(data, range(3, 5), second, net, optimiser)
    assert second.history == whole.history and len(whole.history) == 4
    assert second.facts == whole.facts


def test_a_state_of_something_else_is_refused():
    ours = probing(kind="random", cycles=0.5, seed=2)
    ours.evaluate_logits(torch.zeros(120, 4), 1)
    others = {
        "belongs to another wave, with amplitude = 0.2 instead of 0.1": {"amplitude": 0.2},
        "belongs to another wave, with n_classes = 9 instead of 4": {"n_classes": 9},
        "belongs to another wave, with kind = radial instead of random": {"kind": "radial"},
    }
    for said, change in others.items():
        state = probing(**{"kind": "random", "cycles": 0.5, "seed": 2, **change}).state_dict()
        with pytest.raises(UserError, match=f"^state: {said}; make NoiseFitting as it was made$"):
            ours.load_state_dict(state)
    other = probing(kind="random", cycles=0.5, seed=3).state_dict()
    with pytest.raises(UserError, match=r"^state: belongs to another wave, with frequency = "):
        ours.load_state_dict(other)
    state = ours.state_dict()
    for change in ("labels", "coordinate"):
        with pytest.raises(UserError, match=r"^state: belongs to other probe images; make "):
            ours.load_state_dict({**state, change: state[change].roll(1)})
    fewer = {name: state[name][:50] for name in ("labels", "coordinate")}
    with pytest.raises(UserError, match=r"^state: belongs to other probe images; make "):
        ours.load_state_dict(state | fewer)
    with pytest.raises(UserError, match=r"^state: has no 'history'; give what state_dict"):
        ours.load_state_dict({name: state[name] for name in state if name != "history"})
    assert len(ours.history) == 1


def test_training_images_place_the_wave():
    x, y = pictures(seed=1)
    wide = 3 * pictures(seed=4)[0]
    by_probe = NoiseFitting(kind="1/f2", cycles=0.5, images=x, labels=y)
    by_training = NoiseFitting(kind="1/f2", cycles=0.5, images=x, labels=y, training_images=wide)
    d = LabelSmoothing(by_probe.wave, SHAPE, torch.device("cpu"))
    for noise, images in ((by_probe, x), (by_training, wide)):
        assert noise.wave.deviation == pytest.approx(d.coordinate(images).numpy().std(), rel=1e-5)
        assert noise.wave.frequency == pytest.approx(0.5 / noise.wave.deviation)


def test_files_hold_the_history(tmp_path):
    noise = probing(kind="radial", cycles=0.5)
    for step in (1, 2):
        noise.evaluate_logits(torch.randn(120, 4), step)
    noise.evaluate_logits(torch.full((120, 4), math.nan), 3)
    noise.to_csv(tmp_path / "a.csv")
    noise.to_json(tmp_path / "a.json")
    table = pd.read_csv(tmp_path / "a.csv")
    assert list(table["step"]) == [1, 2, 3]
    assert np.allclose(table["noise_fitting"][:2], [f.noise_fitting for f in noise.history[:2]])
    assert table["clean_loss"].isna().tolist() == [False, False, True]
    told = json.loads((tmp_path / "a.json").read_text())
    assert told["history"][0] == noise.history[0].row()
    assert told["history"][2]["noise_fitting"] is None
    assert told["wave"]["frequency"] == noise.wave.frequency
    assert told["rate_mean"] == pytest.approx(0.1) and told["n_images"] == 120


def test_the_picture_shows_the_curve_its_band_and_the_minimum():
    noise = probing(kind="radial", cycles=0.5)
    for step in (1, 2, 4):
        noise.evaluate_logits(step * torch.randn(120, 4), step)
    axes = Figure().subplots()
    noise.plot(axes, color="red")
    curve, minimum = axes.lines
    assert curve.get_ydata().tolist() == [fit.noise_fitting for fit in noise.history]
    assert curve.get_xdata().tolist() == [1, 2, 4] and curve.get_color() == "red"
    assert set(minimum.get_ydata()) == {min(fit.noise_fitting for fit in noise.history)}
    low = axes.collections[0].get_paths()[0].vertices[:, 1].min()
    assert low == pytest.approx(min(fit.noise_fitting_low for fit in noise.history))
    assert axes.get_ylabel() == "noise fitting (nats)"
    plain = Figure().subplots()
    noise.plot(plain, "clean_loss")
    assert len(plain.lines) == 1 and not plain.collections
    with pytest.raises(UserError, match=r"^value: 'covariance' cannot .* mean 'covariance_term'"):
        noise.plot(axes, "covariance")
    with pytest.raises(UserError, match=r"^history: is empty; call evaluate first$"):
        probing(kind="radial", cycles=0.5).plot(axes)


@pytest.mark.parametrize(
    ("said", "change"),
    [
        (r"kind: 'square' is an unknown kind; known: radial", {"kind": "square"}),
        (r"kind: 'radail' .*; did you mean 'radial'", {"kind": "radail"}),
        (r"kind: is missing; known: radial, ", {"kind": None}),
        (r"frequency, cycles: none is given; give one of them", {"cycles": None}),
        (r"frequency, cycles: both are given; give one of them", {"frequency": 1.0}),
        (r"cycles: 'low' is no number; give one", {"cycles": "low"}),
        (r"noise_class: 1.5 is no whole number; give one", {"noise_class": 1.5}),
        (r"noise_class: 7 is the class of none of the images", {"noise_class": 7}),
        (r"frequncy: is no option of a wave; did you mean 'frequency'", {"frequncy": 1}),
        (r"amplitude: 0.7 is outside of \[0, 0.5\]", {"amplitude": 0.7}),
        (r"cycles: nan with frequency None; give one of them, a positive", {"cycles": math.nan}),
        (r"spatial_frequency: 9 is not among", {"kind": "fourier", "spatial_frequency": 9}),
        (r"kind: given beside a wave; give one of them", {"wave": WAVES[0]}),
        (r"labels: have the shape \(3,\), but images 120 images", {"labels": [0, 1, 2]}),
        (r"labels: -1 is no class", {"labels": torch.full((120,), -1)}),
        (r"labels: are no whole numbers", {"labels": torch.full((120,), 0.5)}),
        (r"n_classes: 3, but the labels go up to 3", {"n_classes": 3}),
        (r"images: has the shape \(120, 8\)", {"images": torch.zeros(120, 8)}),
        (
            r"images: holds whole numbers \(uint8\), so it is not normalised",
            {"images": EVEN.byte()},
        ),
        (r"images: 120 of 120 hold numbers that are not", {"images": math.nan * EVEN}),
        (r"images: all lie at one place along the radial wave", {"images": EVEN}),
        (
            r"training_images: some have the shape \(3, 9, 9\), the first has \(3, 8, 8\)",
            {"training_images": torch.zeros(5, 3, 9, 9)},
        ),
    ],
)  # fmt: skip
def test_arguments_that_do_not_fit_are_refused(said, change):
    x, y = pictures()
    with pytest.raises(UserError, match=f"^{said}"):
        NoiseFitting(**{"kind": "radial", "cycles": 0.5, "images": x, "labels": y, **change})


def test_networks_and_batches_that_do_not_fit_are_refused():
    noise = probing(kind="radial", cycles=0.5)
    x, y = pictures(6)
    wider = nn.Sequential(nn.Flatten(), nn.Linear(192, 7))
    with pytest.raises(UserError, match=r"^n_classes: the network has 7 outputs, but 4 .*=7$"):
        noise.evaluate(wider, 1)
    with pytest.raises(UserError, match=r"^network: returns tuple, not a tensor of shape"):
        noise.evaluate(Tuple(), 1)
    with pytest.raises(UserError, match=r"^network: its outputs have the shape \(5, 4\) for 120"):
        noise.evaluate_logits(torch.zeros(5, 4), 1)
    with pytest.raises(UserError, match=r"^x: images have the shape \(3, 4, 4\)"):
        noise.smooth(x[..., :4, :4], y)
    with pytest.raises(UserError, match=r"^targets: have the shape \(5,\); give classes \(6,\)"):
        noise.smooth(x, y[:5])
    with pytest.raises(UserError, match=r"^targets: hold class 4, but there are 4 classes"):
        noise.smooth(x, y + 1)
    with pytest.raises(UserError, match=r"^targets: hold class -1, but"):
        noise.smooth(x, y - 1)
    with pytest.raises(UserError, match=r"^targets: are no whole numbers"):
        noise.smooth(x, y.float())
    assert noise.history == []


class Tuple(nn.Module):
    def forward(self, x):
        return x, x


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_network_is_evaluated_where_it_is():
    x, y = pictures(seed=1)
    net = network().cuda()
    there = NoiseFitting(kind="random", cycles=0.5, images=x, labels=y)
    found = there.evaluate(net, 1)
    assert next(net.parameters()).is_cuda and x.device.type == "cpu"
    here = NoiseFitting(kind="random", cycles=0.5, images=x, labels=y).evaluate(net.cpu(), 1)
    assert found.noise_fitting == pytest.approx(here.noise_fitting, abs=1e-5)
    smoothed = there.smooth(x.cuda(), y.cuda())
    assert smoothed.is_cuda
    torch.testing.assert_close(smoothed.cpu(), there.smooth(x, y), atol=1e-5, rtol=0)


def test_covariance_tells_a_training_on_the_wave_from_one_on_even_labels():
    means = 1.5 * torch.randn(4, 1, 4, 4, generator=torch.Generator().manual_seed(9))

    def around(count, seed):
        y = torch.arange(count) % 4
        generator = torch.Generator().manual_seed(seed)
        return means[y] + torch.randn(count, 1, 4, 4, generator=generator), y

    (x, y), (probe_x, probe_y) = around(512, 1), around(1024, 2)
    held = {"images": probe_x, "labels": probe_y, "amplitude": 0.3}
    found = {}
    for kind in ("random", "uniform"):
        probe = NoiseFitting(kind="random", seed=5, cycles=0.25, **held)
        training = probe if kind == "random" else NoiseFitting(kind="uniform", **held)
        torch.manual_seed(0)
        net = nn.Sequential(nn.Flatten(), nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 4))
        optimiser = torch.optim.Adam(net.parameters(), 0.01)
        for _ in range(10):
            for some in torch.randperm(512).split(64):
                optimiser.zero_grad()
                F.cross_entropy(net(x[some]), training.smooth(x[some], y[some])).backward()
                optimiser.step()
        found[kind] = probe.evaluate(net, 10)
    assert found["random"].covariance_term_low > 0.02
    assert found["uniform"].covariance_term_high < 0.02
    assert min(fit.accuracy for fit in found.values()) > 0.98
