"""Kinds of images that are sums of all Fourier basis images."""

COMPOSITES = {"1/f2": -2, "f2": 2}
"""Kinds of sums of all basis images, and the power of the spatial frequency that weights them."""
