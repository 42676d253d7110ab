"""Rahaman et al., the first of the two papers."""

TITLE = "Rahaman et al., On the Spectral Bias of Neural Networks (ICML 2019, arXiv:1806.08734)"
