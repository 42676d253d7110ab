"""One module per experiment: its settings, and the training runs that they name."""
