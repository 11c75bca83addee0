"""Engines of arrays that a test writes."""

import pytest

from gradcheck.engines.loading import load_any_engine


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Return a function that loads the class Tensor of a source, always from the same file."""
    monkeypatch.chdir(tmp_path)

    def loaded(source, load=load_any_engine):
        (tmp_path / "my_tensor.py").write_text(source)
        return load("my_tensor.py:Tensor")

    return loaded
