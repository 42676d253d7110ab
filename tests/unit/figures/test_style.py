import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from spectral_bias.figures import style


def lightness(colour):
    """Relative luminance of sRGB (IEC 61966-2-1)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


@pytest.mark.parametrize(
    "meaning", ["frequency", "beta", "layer", "lobes", "iteration", "strength"]
)
def test_ordered_colours_keep_their_order_in_grey_and_stand_out_on_white(meaning):
    shades = [lightness(colour) for colour in style.colours(meaning, range(6)).values()]
    steps = np.diff(shades)
    assert (steps > 0.01).all() or (steps < -0.01).all()
    assert max(shades) < 0.62


def test_a_value_has_one_colour_whatever_the_order():
    assert style.colours("beta", [1.0, 0.1, 0.5, 0.1]) == style.colours("beta", [0.1, 0.5, 1.0])
    assert len(style.colours("frequency", [5.0])) == 1
    assert style.colours("layer", []) == {}


def test_the_users_session_keeps_its_backend():
    program = (
        "import matplotlib; matplotlib.use('svg')\n"
        "from spectral_bias.figures import style\n"
        "with style.look(): figure, _ = style.new_figure([['a']], height=1)\n"
        "figure.savefig(__import__('io').BytesIO(), format='png')\n"
        "assert matplotlib.get_backend() == 'svg', matplotlib.get_backend()"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_look_ends_with_its_block_and_overrules_the_users_settings():
    with matplotlib.rc_context({"font.size": 33, "lines.linestyle": "--"}):
        with style.look():
            assert matplotlib.rcParams["font.size"] == 7
            assert matplotlib.rcParams["lines.linestyle"] == "-"
            assert matplotlib.rcParams["pdf.fonttype"] == 42
        assert matplotlib.rcParams["font.size"] == 33


def labels(axis):
    ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
    low, high = axis.get_view_interval()
    shown = [tick for tick in ticks if low <= tick.get_loc() <= high]
    return {tick.get_loc(): tick.label1.get_text() for tick in shown if tick.label1.get_text()}


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (0.3, 2.5, ["0.5", "1", "2"]),
        (0.9, 11, ["1", "2", "5", "10"]),
        (0.15, 6, ["0.2", "0.5", "1", "2", "5"]),
        (1e-3, 10, ["10^{-3}", "10^{-2}", "10^{-1}", "10^{0}", "10^{1}"]),
    ],
)
def test_log_axes_have_labels_also_on_a_short_range(low, high, texts):
    with style.look():
        figure, axes = style.new_figure([["a"]], height=2)
        style.log_axis(axes["a"])
        axes["a"].set_ylim(low, high)
        figure.draw_without_rendering()
        found = [text for _, text in sorted(labels(axes["a"].yaxis).items())]
    assert len(found) == len(texts)
    assert all(text in label for text, label in zip(texts, found, strict=True))


def test_iterations_are_labelled_in_thousands():
    with style.look():
        figure, axes = style.new_figure([["a"]], height=2)
        style.iteration_axis(axes["a"])
        axes["a"].set_xlim(0, 80_000)
        figure.draw_without_rendering()
        assert "20k" in labels(axes["a"].xaxis).values()
    assert axes["a"].get_xlabel() == "training iteration"
    assert [style.thousands(value) for value in (0, 500, 1500, 80_000)] == [
        *("0", "500", "1.5k", "80k")
    ]
