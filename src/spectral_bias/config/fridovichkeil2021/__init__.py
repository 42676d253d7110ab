"""Settings of Fridovich-Keil et al. 2021: one module per data set."""
