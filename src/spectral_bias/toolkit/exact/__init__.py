"""The exact spectrum of one-dimensional ReLU networks."""
