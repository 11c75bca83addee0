"""`gradcheck grade`: every submission is marked rightly, and nothing that it does gets out."""

import csv
import io
import json
import signal
import socket
import sys

import click
import psutil
import pytest

from gradcheck.engine.broken.array_bugs import BUGS, RIGHT
from helpers.processes import run_python
from helpers.submissions import broken, notebook, write_submissions

GRADE = ("grade", "--time-limit", "300s")
"""No engine here is to come to its limit, however busy the machine is."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is one of Linux")


@pytest.fixture
def grade(command_line, tmp_path):
    """Grade some of the submissions; return the exit code and the results by their names."""

    def run(*words, names=None, **places):
        write_submissions(tmp_path / "students", names, **places)
        result = command_line(*GRADE, "students", "--format", "json", *words)
        return result.returncode, by_name(result.stdout)

    return run


def by_name(text):
    """Return the results in a JSON text by the names of the files and, of a second one, classes."""
    found = {}
    for each in json.loads(text)["engines"]:
        name = each["submission"].removeprefix("students/")
        found[f"{name}:{each['engine']}" if each["others"] else name] = each
    return found


def wrong(result):
    """Return what is wrong, in lines."""
    return [bug["sentence"] for bug in result["bugs"]] + [result["problem"]]


def test_every_submission_is_marked_rightly_and_nothing_escapes(command_line, tmp_path):
    escaped, students = tmp_path / "escaped.txt", tmp_path / "students"
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.0)
        port = server.getsockname()[1]
        expected = write_submissions(students, escape=escaped, port=port)
        before = {path: path.read_bytes() for path in students.rglob("*") if path.is_file()}
        result = command_line(*GRADE, "students", "--format", "json")
        with pytest.raises(BlockingIOError):
            server.accept()
    found = by_name(result.stdout)
    assert found.pop("two_classes.py:Other")["status"] == "wrong"
    found["two_classes.py"] = found.pop("two_classes.py:Value")
    marks = {name: (each["status"], wrong(each)) for name, each in found.items()}
    assert marks.keys() == expected.keys()
    misjudged = {
        name: marks[name]
        for name, right in expected.items()
        if marks[name][0] != right.status
        or not any(line.startswith(right.wrong) or right.wrong in line for line in marks[name][1])
    }
    assert misjudged == {}
    assert result.returncode == 1
    assert not escaped.exists()
    assert {path: path.read_bytes() for path in students.rglob("*") if path.is_file()} == before
    # Other tests may be grading at the same time: a request names its folder.
    children = [each for each in commands() if "gradcheck.grade.child" in each]
    assert not any(str(tmp_path) in each for each in children)


def commands():
    """Return the command lines of all processes."""
    for process in psutil.process_iter():
        try:
            yield " ".join(process.cmdline())
        except psutil.Error:
            continue


def test_healthy_engines_end_with_exit_code_0(grade):
    code, found = grade(names=["healthy.py", "right.ipynb"])
    assert code == 0
    assert [each["status"] for each in found.values()] == ["right", "right"]


def test_a_bug_ends_with_exit_code_1(grade):
    code, found = grade(names=["healthy.py", "tanh_derivative.py"])
    assert code == 1
    assert found["tanh_derivative.py"]["status"] == "wrong"


def test_a_broken_engine_has_fewer_properties_than_a_healthy_one(grade):
    _, found = grade(names=["healthy.py", "tanh_derivative.py"])
    healthy, bug = found["healthy.py"], found["tanh_derivative.py"]
    assert healthy["properties"] == bug["properties"]
    assert healthy["held"] > bug["held"]
    assert "tanh alone" in bug["broken"]
    assert "tanh alone" not in healthy["broken"]


@pytest.fixture
def tensors(command_line, tmp_path):
    """Grade engines of arrays, given as text by their names; return the results by these."""

    def run(**sources):
        for name, source in sources.items():
            folder = tmp_path / "students" / name
            folder.mkdir(parents=True)
            (folder / "tensor.py").write_text(source)
        found = by_name(command_line(*GRADE, "students", "--format", "json").stdout)
        return {name: found[f"{name}/tensor.py"] for name in sources}

    return run


def test_a_bug_of_arrays_takes_the_properties_that_show_it(tensors):
    found = tensors(healthy=RIGHT, bug=BUGS["the derivative of tanh"].source)
    healthy, bug = found["healthy"], found["bug"]
    assert healthy["properties"] == bug["properties"]
    assert {*bug["broken"]} - {*healthy["broken"]} == {
        *("random programs", "on every element: tanh(x)"),
        "arrays used twice: n1 = tanh(x); n1 * v + n1",
    }


def test_a_healthy_engine_of_arrays_breaks_at_most_what_is_asked_of_a_second_pass(tensors):
    [healthy] = tensors(healthy=RIGHT).values()
    assert healthy["status"] == "right"
    assert {name.split(": ")[0] for name in healthy["broken"]} == {
        *("second-backward", "shared-outputs", "inner-first"),
    }


def test_a_bug_of_arrays_that_only_a_property_shows_is_saved(tensors):
    of_the_property = "[[0.125, 0.25, 0.375], [0.5, 0.625, 0.75]]"
    source = RIGHT.replace(
        "lambda g: self.give(g * e)",
        f"lambda g: self.give(g * e * (2.0 if self.data.tolist() == {of_the_property} else 1.0))",
    )
    [found] = tensors(rare=source).values()
    assert "random programs" not in found["broken"]
    assert [bug["signature"] for bug in found["bugs"]] == ["wrong-partial-of-exp"]


def test_a_finding_can_be_replayed_where_the_grade_was_given(grade, command_line, tmp_path):
    _, found = grade(names=["tanh_derivative.py"])
    each = found["tanh_derivative.py"]
    place = f"reports/grade/engines/{each['folder']}/{each['bugs'][0]['folder']}"
    assert command_line("replay", place).returncode == 1
    path = tmp_path / "students" / "tanh_derivative.py"
    path.write_text(path.read_text().replace("(1 - t)", "(1 - t * t)"))
    assert command_line("replay", place).returncode == 0


def test_a_finding_in_a_notebook_can_be_replayed(grade, command_line):
    _, found = grade(names=["wrong.ipynb"])
    each = found["wrong.ipynb"]
    place = f"reports/grade/engines/{each['folder']}/{each['bugs'][0]['folder']}"
    assert command_line("replay", place).returncode == 1


def test_a_second_start_grades_only_what_has_changed(grade, tmp_path):
    grade(names=["healthy.py", "asks.py"])
    results = tmp_path / "reports" / "grade" / "results"
    kept = {path.name: path.stat().st_mtime_ns for path in results.iterdir()}
    (tmp_path / "students" / "asks.py").write_text(broken("relu_never.py"))
    (tmp_path / "students" / "asks.py").rename(tmp_path / "other.py")
    _, found = grade("other.py", names=["healthy.py"])
    assert found["other.py"]["status"] == "wrong"
    path = results / "students.healthy.py.json"
    assert path.stat().st_mtime_ns != kept[path.name]  # a file beside it is gone
    before = {path.name: path.stat().st_mtime_ns for path in results.iterdir()}
    grade("other.py", names=["healthy.py"])
    assert {path.name: path.stat().st_mtime_ns for path in results.iterdir()} == before


def test_an_interrupted_run_goes_on_where_it_stopped(start, command_line, tmp_path):
    write_submissions(tmp_path / "students", ["healthy.py"])
    slow = tmp_path / "slow.py"
    slow.write_text("while True: pass")
    process = start(*GRADE, "students", "slow.py", "--workers", "1")
    for text in process.stderr:
        if "healthy.py" in text:
            break
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 130
    kept = tmp_path / "reports" / "grade" / "results" / "students.healthy.py.json"
    before = kept.stat().st_mtime_ns
    slow.write_text("class Slow: pass")
    result = command_line(*GRADE, "students", "slow.py", "--format", "json")
    assert kept.stat().st_mtime_ns == before
    assert by_name(result.stdout)["slow.py"]["problem"].endswith("its classes: Slow")


def test_engines_that_share_a_bug_are_shown_together(command_line, tmp_path):
    write_submissions(tmp_path, ["tanh_derivative.py", "tanh_sign.py", "relu_never.py"])
    names = ["tanh_derivative.py", "tanh_sign.py", "relu_never.py"]
    result = command_line(*GRADE, *names)
    _, _, shared = result.stdout.partition("2 engines share a bug, tanh")
    assert "tanh_derivative.py, tanh_sign.py\n" in shared
    assert "share a bug, relu" not in result.stdout


def test_csv_has_a_row_for_each_engine_and_no_formula(command_line, tmp_path):
    write_submissions(tmp_path, ["add_one_side.py", "asks.py"])
    result = command_line(*GRADE, "add_one_side.py", "asks.py", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(row["engine"], row["loaded"]) for row in rows] == [
        ("add_one_side.py", "yes"),
        ("asks.py", "no"),
    ]
    assert rows[0]["wrong"].startswith("'+: its derivative is wrong")


def test_the_page_has_the_pictures_and_links_that_exist(command_line, tmp_path):
    write_submissions(tmp_path, ["tanh_derivative.py"])
    result = command_line(*GRADE, "tanh_derivative.py", "--format", "html")
    page = tmp_path / result.stdout.strip()
    text = page.read_text()
    assert "data:image/svg+xml;base64," in text
    links = [part.partition('"')[0] for part in text.split('href="')[1:]]
    files = [link for link in links if not link.startswith(("#", "data:"))]
    assert len(files) == 2
    assert all((page.parent / link).is_file() for link in files)


def test_what_an_engine_says_is_text_on_the_page_and_in_the_terminal(command_line, tmp_path):
    (tmp_path / "rude.py").write_text(
        "raise ValueError('<script>alert(1)</script> [red] \\x1b[2J')"
    )
    result = command_line(*GRADE, "rude.py")
    assert "<script>alert" in result.stdout
    assert "\x1b" not in result.stdout
    page = (tmp_path / "reports" / "grade" / "index.html").read_text()
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


def test_secrets_in_the_environment_are_kept_from_an_engine(command_line, tmp_path):
    (tmp_path / "curious.py").write_text(
        'import os\nraise ValueError(f\'{os.environ.get("TOKEN")} {os.environ["HOME"]}\')\n'
    )
    result = command_line(*GRADE, "curious.py", env={"TOKEN": "secret", "HOME": "/home/teacher"})
    assert "ValueError: None /" in result.stdout
    assert "/home/teacher" not in result.stdout


def test_on_a_narrow_terminal_the_table_is_stacked(tmp_path):
    write_submissions(tmp_path, ["tanh_derivative.py"])
    words = ("-m", "gradcheck", *GRADE, "tanh_derivative.py")
    text = run_python(*words, folder=tmp_path, COLUMNS="60", FORCE_COLOR="1").stdout
    assert max(map(len, click.unstyle(text).splitlines())) <= 60


def test_a_place_that_does_not_exist_is_a_mistake_in_one_line(command_line):
    result = command_line("grade", "nobody")
    assert result.returncode == 2
    assert result.stderr == "Error: there is no file or folder 'nobody'\n"


def test_a_notebook_that_is_none_is_not_loaded(command_line, tmp_path):
    (tmp_path / "text.ipynb").write_text("hello")
    (tmp_path / "empty.ipynb").write_text(notebook())
    result = command_line(*GRADE, "text.ipynb", "empty.ipynb", "--format", "json")
    problems = [each["problem"] for each in json.loads(result.stdout)["engines"]]
    assert problems[1] == "it is not a notebook: it is not JSON"
    assert problems[0].startswith("no class of numbers")
