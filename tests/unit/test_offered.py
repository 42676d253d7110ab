"""What `import spectral_bias` offers, and that it costs nothing until it is used."""

import subprocess
import sys

import pytest

import spectral_bias


@pytest.mark.parametrize("name", spectral_bias.__all__)
def test_every_offered_name_is_there(name):
    assert getattr(spectral_bias, name).__name__ == name
    assert name in dir(spectral_bias)


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'spectral_bias' has no attribute 'mesure'"):
        _ = spectral_bias.mesure


def test_importing_the_package_imports_nothing_else():
    program = (
        "import sys, spectral_bias; dir(spectral_bias);"
        "sys.exit(bool({'torch', 'numpy', 'pandas', 'matplotlib'} & sys.modules.keys()))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
