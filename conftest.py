"""In how many processes the tests run."""

import os

import pytest


@pytest.hookimpl(optionalhook=True)  # pytest-xdist need not be there
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return one for each core, at most four, and none beside pytest's own if tests are named."""
    is_all = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return min(os.cpu_count() or 1, 4) if is_all else 0
