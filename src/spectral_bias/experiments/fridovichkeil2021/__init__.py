"""Fridovich-Keil et al., the second of the two papers."""

TITLE = (
    "Fridovich-Keil et al., Spectral Bias in Practice: The Role of Function Frequency in "
    "Generalization (NeurIPS 2022, arXiv:2110.02424)"
)
