"""The engine under test, and the message if there is none."""

import pytest

PRINTS_ENGINE = """
def test_it(gradcheck_engine):
    print(f"the engine is {gradcheck_engine.spec}.")
"""

MINE = "from gradcheck.engine import Value\n"


@pytest.fixture
def object_engine(pytester):
    """The engine of a run in which a test prints it."""
    pytester.makepyfile(PRINTS_ENGINE)

    def run(*words):
        result = pytester.runpytest_inprocess("-s", *words)
        assert result.ret == 0
        [line] = [line for line in result.outlines if "the engine is " in line]
        return line.partition("the engine is ")[2].partition(". ")[0].rstrip(".")

    return run


def test_the_flag_names_the_engine(object_engine):
    assert object_engine("--gradcheck-engine", "engine:Value") == "engine:Value"


def test_the_configuration_names_the_engine(object_engine, pytester):
    pytester.makeini("[pytest]\ngradcheck_engine = engine:Value\n")
    assert object_engine() == "engine:Value"


def test_the_flag_overrides_the_configuration(object_engine, pytester):
    pytester.makeini("[pytest]\ngradcheck_engine = nowhere:Value\n")
    assert object_engine("--gradcheck-engine", "engine:Value") == "engine:Value"


def test_the_table_of_the_command_line_names_the_engine(object_engine, pytester):
    pytester.makepyprojecttoml('[tool.gradcheck]\nengine = "engine:Value"\ntime = "10s"\n')
    assert object_engine() == "engine:Value"


def test_pytest_s_own_configuration_overrides_the_table(object_engine, pytester):
    pytester.makepyprojecttoml(
        '[tool.pytest.ini_options]\ngradcheck_engine = "engine:Value"\n'
        '[tool.gradcheck]\nengine = "nowhere:Value"\n'
    )
    assert object_engine() == "engine:Value"


def test_a_module_is_searched_in_the_working_directory(pytester, object_engine):
    pytester.makepyfile(my_own_engine=MINE)
    (pytester.path / "tests").mkdir()
    (pytester.path / "tests" / "test_it.py").write_text(PRINTS_ENGINE)
    assert (
        object_engine("tests", "--gradcheck-engine", "my_own_engine:Value") == "my_own_engine:Value"
    )


@pytest.mark.parametrize("spec", ["my_root_engine:Value", "my_root_engine.py:Value"])
def test_the_configuration_is_relative_to_the_root(pytester, monkeypatch, object_engine, spec):
    pytester.makeini(f"[pytest]\ngradcheck_engine = {spec}\n")
    pytester.makepyfile(my_root_engine=MINE)
    (pytester.path / "tests").mkdir()
    (pytester.path / "tests" / "test_it.py").write_text(PRINTS_ENGINE)
    monkeypatch.chdir(pytester.path / "tests")
    assert object_engine().endswith(spec)


@pytest.mark.parametrize(
    ("given", "whole"),
    [
        ("my_only_engine.py", "my_only_engine.py:Value"),
        ("my_only_engine.py:Value[seed_output=no]", "my_only_engine.py:Value[seed_output=no]"),
    ],
)
def test_the_class_can_be_left_out_and_options_stand_in_brackets(
    pytester, object_engine, given, whole
):
    pytester.makeini(f"[pytest]\ngradcheck_engine = {given}\n")
    pytester.makepyfile(my_only_engine=MINE)
    assert object_engine().endswith(whole)


BAD = ["nowhere:Value", "engine:Nothing", "math", "nowhere.py:Value", "raises.py:Value"]


@pytest.mark.parametrize("spec", BAD)
def test_an_engine_that_cannot_be_loaded_is_one_line(pytester, spec):
    pytester.makepyfile(raises="1 / 0\n")
    pytester.makepyfile("def test_it(): pass")
    result = pytester.runpytest_inprocess("--gradcheck-engine", spec)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    [line] = [line for line in result.errlines if line]
    assert line.startswith("ERROR: --gradcheck-engine: ")
    assert "Traceback" not in str(result.stdout)


def test_an_engine_that_cannot_be_loaded_is_one_line_with_xdist(pytester):
    result = pytester.runpytest_inprocess("--gradcheck-engine", "nowhere:Value", "-n2")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert [line for line in result.errlines if "ERROR: --gradcheck-engine: there is" in line]
    assert "Traceback" not in f"{result.stdout}{result.stderr}"


def test_a_configured_engine_that_cannot_be_loaded_is_one_line(pytester):
    pytester.makeini("[pytest]\ngradcheck_engine = nowhere:Value\n")
    pytester.makepyfile(PRINTS_ENGINE)
    result = pytester.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    [line] = [line for line in result.errlines if line]
    assert line.startswith("ERROR: gradcheck_engine: there is no module 'nowhere'")


@pytest.mark.parametrize(
    ("engine", "message"),
    [
        ('"nowhere:Value"', "there is no module 'nowhere'"),
        ("3", 'write engine = "my_engine.py:Value"'),
    ],
)
def test_a_mistake_in_the_table_is_one_line(pytester, engine, message):
    pytester.makepyprojecttoml(f"[tool.gradcheck]\nengine = {engine}\n")
    pytester.makepyfile(PRINTS_ENGINE)
    result = pytester.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    [line] = [line for line in result.errlines if line]
    assert line.startswith(f"ERROR: [tool.gradcheck] in pyproject.toml: {message}")


def test_a_configured_engine_is_not_loaded_if_no_test_needs_it(pytester):
    pytester.makeini("[pytest]\ngradcheck_engine = nowhere:Value\n")
    pytester.makepyfile("def test_it(): pass")
    assert pytester.runpytest_inprocess().ret == 0


def test_without_an_engine_the_suite_says_what_to_pass(pytester):
    result = pytester.runpytest_inprocess("--pyargs", "gradcheck.conformance")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    [line] = [line for line in result.errlines if line]
    assert "pass --gradcheck-engine module:Class" in line
    assert 'write engine = "my_engine.py:Value" in [tool.gradcheck] of pyproject.toml' in line


def test_without_an_engine_a_worker_of_xdist_says_it_in_each_test(pytester):
    pytester.makepyfile(PRINTS_ENGINE)
    result = pytester.runpytest_inprocess("-n1")
    assert result.parseoutcomes() == {"errors": 1}
    result.stdout.fnmatch_lines(["no engine under test: pass --gradcheck-engine *"])
    assert "Traceback" not in str(result.stdout)
