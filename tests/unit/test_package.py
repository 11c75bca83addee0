"""What ``gradcheck`` offers, though it is imported only when it is asked for."""

import subprocess
import sys
from types import FunctionType

import pytest

import gradcheck


@pytest.mark.parametrize("name", gradcheck.__all__)
def test_what_is_offered_is_there(name):
    assert getattr(gradcheck, name).__name__ == name
    assert name in dir(gradcheck)


def test_what_is_not_offered_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'gradcheck' has no attribute 'nothing'"):
        _ = gradcheck.nothing


@pytest.mark.parametrize(
    "before",
    [
        "pass",
        "import gradcheck.checking",
        "from gradcheck.checking import check",
        "from gradcheck import check",
        "import gradcheck.assertion",
        "import gradcheck; gradcheck.checking; import gradcheck.checking",
    ],
)
def test_check_is_the_function_whatever_was_imported_before(before):
    kind = "from gradcheck import check; print(type(check).__name__)"
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{before}; {kind}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == FunctionType.__name__


def test_a_submodule_that_hides_nothing_is_an_attribute_as_usual():
    import gradcheck.comparison  # noqa: PLC0415 - the import is what is under test

    assert gradcheck.comparison.__name__ == "gradcheck.comparison"


def test_what_is_offered_can_be_replaced_for_a_test(monkeypatch):
    monkeypatch.setattr(gradcheck, "check", len)
    assert gradcheck.checking is len
