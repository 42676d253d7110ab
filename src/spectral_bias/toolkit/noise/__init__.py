"""Which frequencies of label noise a training takes up."""
