"""Tidy tables measured from finished runs; one module per experiment."""
