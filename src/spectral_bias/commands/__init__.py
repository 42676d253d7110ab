"""The command line `spectral-bias`: one module for each command; `__main__` puts them together."""
