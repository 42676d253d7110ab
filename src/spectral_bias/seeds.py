"""Seeds that belong to a name, not to an order: adding a run or a member changes no other."""

import hashlib

import numpy as np


def derived_seed(seed: int, *names: str | int | float) -> int:
    """A 63-bit seed for the thing called `names` under the base `seed`; stable over versions."""
    text = "/".join([str(seed), *map(str, names)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def derived_generator(seed: int, *names: str | int | float) -> np.random.Generator:
    """NumPy generator seeded with `derived_seed(seed, *names)`."""
    return np.random.default_rng(derived_seed(seed, *names))
