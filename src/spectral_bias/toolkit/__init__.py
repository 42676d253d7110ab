"""Measures the spectral bias of any network: what `import spectral_bias` offers; see README.md."""
