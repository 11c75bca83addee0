"""The public names of ``gradcheck``, each imported from its module when it is first used."""

import importlib.util

import pytest

import gradcheck


@pytest.mark.parametrize("name", gradcheck.__all__)
def test_every_public_name_can_be_imported(name):
    assert getattr(gradcheck, name).__name__ == name
    assert name in dir(gradcheck)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'gradcheck' has no attribute 'nothing'"):
        _ = gradcheck.nothing


@pytest.mark.parametrize("name", gradcheck.__all__)
def test_no_submodule_has_the_name_of_a_public_function(name):
    # Python makes a submodule an attribute of its package: importing it would hide the function.
    assert importlib.util.find_spec(f"gradcheck.{name}") is None
