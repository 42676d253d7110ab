"""Settings, context and made-up tables that tests of several experiments share."""

import pytest

from tests.unit.experiments.fridovichkeil2021.made_up import (
    MORE,
    context_of,
    settings_of,
    tables_of,
)


@pytest.fixture(scope="session")
def settings():
    """Of the tiny scale with several of everything."""
    return settings_of(**MORE)


@pytest.fixture(scope="session")
def context(settings):
    return context_of(settings)


@pytest.fixture(scope="session")
def tables(settings):
    return tables_of(settings)
