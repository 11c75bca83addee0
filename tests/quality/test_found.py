"""The defects in released packages: the scripts, the page about them, and the command for all.

The packages are not installed here. ``python examples/found/run_all.py`` runs the scripts.
"""

import ast
import importlib.util
import re
import shutil
import struct
import textwrap
import zipfile
from pathlib import Path

import mpmath
import pytest

from helpers.processes import run_python

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples" / "found"
PAGE = (ROOT / "docs" / "found.md").read_text()


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


run_all = load(FOLDER / "run_all.py")
SCRIPTS = run_all.scripts()
NO_DEFECTS = {"report", "run_all"}


def text(name):
    return SCRIPTS[name].read_text()


def call_of_report(name):
    """The arguments of the call of ``report``: the package, and the options."""
    [call] = [
        node
        for node in ast.walk(ast.parse(text(name)))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "report"
    ]
    options = {option.arg: ast.literal_eval(option.value) for option in call.keywords}
    return ast.literal_eval(call.args[0]), options


def test_every_file_is_a_script_with_a_header():
    assert {path.stem for path in FOLDER.glob("*.py")} - NO_DEFECTS == set(SCRIPTS)
    assert len(SCRIPTS) > 50


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_names_one_version_of_the_package_that_it_reports(name):
    [requirement] = run_all.requirements(SCRIPTS[name])
    package, _ = call_of_report(name)
    assert re.fullmatch(rf"{re.escape(package)}(\[\w+\])?==[\d.]+", requirement)
    assert name.startswith(re.sub(r"\W", "_", package.lower()))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_says_what_is_right_and_who_knows(name):
    docstring = ast.get_docstring(ast.parse(text(name)))
    assert "Right, by mpmath at 50 digits: " in docstring
    assert "Known upstream: " in docstring


# Packages of the test environment, or extras of gradcheck, may be installed.
MAY_BE_INSTALLED = (
    *("autograd_", "casadi_", "jax_", "micrograd_", "mygrad_", "tensorflow_", "torch_"),
)


@pytest.mark.parametrize("name", [n for n in SCRIPTS if not n.startswith(MAY_BE_INSTALLED)])
def test_a_package_that_is_not_installed_is_told_in_one_line(name):
    package, _ = call_of_report(name)
    result = run_python(SCRIPTS[name])
    assert result.returncode == 2, result.stdout
    assert result.stdout == f"NOT INSTALLED  {package}: pip install {package}\n"
    assert not result.stderr


def derivative(function, x):
    return mpmath.diff(function, mpmath.mpf(x), h=mpmath.mpf(10) ** -60)


def slope_of_sinc():
    return derivative(lambda x: mpmath.sin(mpmath.pi * x) / (mpmath.pi * x), 1e-9)


def j2(x):
    return (3 / x**3 - 1 / x) * mpmath.sin(x) - 3 * mpmath.cos(x) / x**2


def tanh_and_its_slope(x):
    return mpmath.tanh(x), 1 / mpmath.cosh(x) ** 2


def slope_of_log_ndtr(x):
    return mpmath.npdf(x) / (mpmath.erfc(-mpmath.mpf(x) / mpmath.sqrt(2)) / 2)


def slope_of_gelu():
    x = mpmath.mpf(1e20)
    u = mpmath.sqrt(2 / mpmath.pi) * (x + mpmath.mpf("0.044715") * x**3)
    return 1 / (1 + mpmath.exp(-2 * u))  # the other term has a factor of exp(-2*u)


def slope_of_asinh(x):
    return 1 / mpmath.sqrt(mpmath.mpf(x) ** 2 + 1)


def logistic_and_its_slope(x):
    s = 1 / (1 + mpmath.exp(-x))
    return s, s * (1 - s)


def slopes_of_hypot(x, y):
    length = mpmath.sqrt(mpmath.mpf(x) ** 2 + mpmath.mpf(y) ** 2)
    return x / length, y / length


RIGHT = {
    "ad_log": lambda: (mpmath.log(1e-163), 1 / mpmath.mpf(1e-163)),
    "ad_tanh": lambda: tanh_and_its_slope(400),
    "atomic_autograd_division": lambda: 1 / mpmath.mpf("1e-6"),
    "autograd_arctan": lambda: 1 / (1 + mpmath.mpf(1e200) ** 2),
    "autograd_expm1": lambda: mpmath.exp(-40),
    "autograd_norm": lambda: mpmath.mpf(2 * 2),
    "autograd_where": lambda: mpmath.mpf(2),
    "autograd_logaddexp": lambda: 1 / (1 + mpmath.exp(0)),
    "autograd_sinc": slope_of_sinc,
    "bitgrad_tanh": lambda: tanh_and_its_slope(400),
    "casadi_asinh": lambda: slope_of_asinh(1e200),
    "casadi_erfinv": lambda: mpmath.erfinv(-0.99999),
    "drjit_maximum": lambda: (mpmath.mpf(0.5), mpmath.mpf(1)),
    "gradflow_kit_difference": lambda: (mpmath.mpf(1), mpmath.mpf(-1)),
    "gradflow_kit_power": lambda: mpmath.mpf(2) * 3,
    "gradflow_kit_reflected_division": lambda: 1 / mpmath.mpf(4),
    "gradflow_kit_tanh": lambda: tanh_and_its_slope(400),
    "gtc_asinh": lambda: (mpmath.asinh(1e160), slope_of_asinh(1e160)),
    "gtc_tanh": lambda: tanh_and_its_slope(1000),
    "jax_arcsinh": lambda: slope_of_asinh(1e200),
    "jax_digamma": lambda: mpmath.psi(1, 1e160),
    "jax_expm1": lambda: mpmath.exp(-40),
    "jax_gelu": slope_of_gelu,
    "jax_hypot": lambda: slopes_of_hypot(3e200, 4e200),
    "jax_log_ndtr": lambda: slope_of_log_ndtr(-1e4),
    "jax_power_zero": lambda: mpmath.mpf(0),
    "jax_sinc": slope_of_sinc,
    "micrograd_power_zero": lambda: mpmath.mpf(0),
    "mlx_exp": lambda: (mpmath.exp(0.3), mpmath.exp(0.3)),
    "mygrad_cbrt": lambda: 1 / (3 * mpmath.cbrt(1e-170) ** 2),
    "mygrad_conv_nd": lambda: mpmath.fsum(range(1, 5)),
    "mygrad_csch": lambda: -mpmath.cosh(800) / mpmath.sinh(800) ** 2,
    "mygrad_elu": lambda: mpmath.expm1(-1e-20),
    "mygrad_sinc": slope_of_sinc,
    "nanograd_bgriebel_power_zero": lambda: mpmath.mpf(0),
    "num_dual_power": lambda: (mpmath.mpf(0) ** 1.5, 1.5 * mpmath.mpf(0) ** 0.5),
    "num_dual_sph_j2": lambda: (j2(mpmath.mpf(1e-9)), derivative(j2, 1e-9)),
    "num_dual_tanh": lambda: tanh_and_its_slope(711),
    "omnigrad_gamma": lambda: mpmath.gamma(2) * mpmath.psi(0, 2),
    "omnigrad_reflected_division": lambda: 0 / mpmath.mpf(1),
    "omnigrad_softsign": lambda: 1 / (1 + mpmath.mpf(0)) ** 2,
    "omnigrad_tanh": lambda: tanh_and_its_slope(400),
    "propgrad_sigmoid": lambda: logistic_and_its_slope(-60),
    "pytensor_division": lambda: 1 / mpmath.mpf(3),
    "scalargrad_sigmoid": lambda: logistic_and_its_slope(-800),
    "tensorflow_cumprod": lambda: mpmath.mpf(3 + 3 * 4),
    "tensorflow_erf": lambda: mpmath.erf(1e160),
    "tensorflow_gelu": lambda: mpmath.mpf(1.5) * mpmath.ncdf(1.5),
    "tinygrad_atan": lambda: mpmath.atan(1e-4),
    "tinygrad_tanh": lambda: mpmath.tanh(1e-8),
    "tinymlp_power_zero": lambda: mpmath.mpf(0),
    "tonygrad_tanh": lambda: tanh_and_its_slope(400),
    "torch_asinh": lambda: slope_of_asinh(1e200),
    "torch_atan2": lambda: (1 / mpmath.mpf(2e-170), -1 / mpmath.mpf(2e-170)),
    "torch_erfcx": lambda: (
        2e10 * mpmath.exp(mpmath.mpf(1e20)) * mpmath.erfc(1e10) - 2 / mpmath.sqrt(mpmath.pi)
    ),
    "torch_expm1": lambda: mpmath.exp(-40),
    "torch_gelu": slope_of_gelu,
    "torch_log_ndtr": lambda: slope_of_log_ndtr(-1e10),
    "torch_sinc": slope_of_sinc,
}
"""The right numbers, by mpmath, computed again from the formulas."""


def test_the_right_numbers_are_those_of_mpmath():
    assert set(RIGHT) == set(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_has_the_right_number(name):
    _, options = call_of_report(name)
    claimed = options["right"]
    with mpmath.workdps(150):
        computed = RIGHT[name]()
    for ours, true in zip(as_pair(claimed), as_pair(computed), strict=True):
        if name == "omnigrad_gamma":  # its script looks at three digits
            assert ours == round(float(true), 3)
        elif options.get("bits") == 24:
            assert in_float32(ours) == in_float32(float(true))
        else:
            assert abs(ours - float(true)) <= abs(ours) * 2.0**-51


def as_pair(numbers):
    return numbers if isinstance(numbers, tuple) else (numbers,)


def in_float32(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def sections():
    """The part of the page about each script, by the script's name."""
    parts = re.split(r"^### .*\n", PAGE, flags=re.MULTILINE)[1:]
    return {re.search(r"examples/found/(\w+)\.py", part)[1]: part for part in parts}


def lines_to_run(name):
    """The lines that show a defect, with ``print`` where the function returns its numbers."""
    if child := re.search(r'^LINES = """\n(.*?)"""', text(name), re.MULTILINE | re.DOTALL):
        return child[1]
    tree = ast.parse(text(name))
    [compute] = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    whole = text(name).splitlines(keepends=True)[compute.lineno : compute.end_lineno]
    lines = re.sub(r"  # noqa: .*", "", textwrap.dedent("".join(whole)).lstrip())
    return re.sub(r"^return (.*)$", r"print(\1)", lines, flags=re.MULTILINE)


def test_the_page_has_a_section_for_each_script():
    assert set(sections()) == set(SCRIPTS)
    assert len(re.findall(r"^### ", PAGE, flags=re.MULTILINE)) == len(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_section_shows_what_its_script_runs(name):
    section = sections()[name]
    assert f"```python\n{lines_to_run(name)}```\n" in section
    [requirement] = run_all.requirements(SCRIPTS[name])
    assert f"`{requirement}`" in section
    assert f"Right is `{call_of_report(name)[1]['right']}`" in section
    assert "Known upstream: " in section


def test_every_diagram_is_shown_in_its_section():
    pictures = {path.stem for path in (ROOT / "docs" / "found").glob("*.svg")}
    shown = {name for name, part in sections().items() if f"(found/{name}.svg)" in part}
    assert pictures == shown
    assert len(shown) > 30


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_section_says_how_gradcheck_finds_it_or_why_not(name):
    section = sections()[name]
    command = "python -m gradcheck check " in section
    assert command is (f"(found/{name}.svg)" in section)
    assert command is not bool(re.search(r"gradcheck (does not|has no)", section))


WRONG = "def half(x):\n    return x * 0.25\n"
MENDED = WRONG.replace("0.25", "0.5")
SCRIPT = '''"""halfgrad: half of 3 is 0.75, where it is 1.5."""

# /// script
# dependencies = ["halfgrad==1.0"]
# ///

from report import report


def compute():
    from halfgrad import half

    return half(3.0)


if __name__ == "__main__":
    report("halfgrad", compute, right=1.5)
'''


CALL = 'report("halfgrad", compute, right=1.5)'


def write_wheel(folder, version, source):
    with zipfile.ZipFile(folder / f"halfgrad-{version}-py3-none-any.whl", "w") as wheel:
        info = f"halfgrad-{version}.dist-info"
        wheel.writestr("halfgrad.py", source)
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: halfgrad\nVersion: {version}\n"
        )
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture(scope="module")
def command(tmp_path_factory):
    """The command, over scripts for a package whose version 1.0 is wrong and 2.0 is mended."""
    folder = tmp_path_factory.mktemp("found")
    for name in NO_DEFECTS:
        shutil.copy(FOLDER / f"{name}.py", folder)
    (folder / "halfgrad_half.py").write_text(SCRIPT)
    (folder / "halfgrad_broken.py").write_text(SCRIPT.replace("from halfgrad", "from nowhere"))
    (folder / "halfgrad_silent.py").write_text(SCRIPT.replace(CALL, "pass"))
    (folder / "absent_half.py").write_text(SCRIPT.replace("halfgrad==", "absent=="))
    write_wheel(folder, "1.0", WRONG)
    write_wheel(folder, "2.0", MENDED)
    environment = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder)}
    kept = ("--environments", folder / "environments")
    return lambda *words: run_python(folder / "run_all.py", *kept, *words, **environment)


def test_the_command_says_that_a_defect_is_still_there(command):
    result = command("halfgrad_half")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        "halfgrad_half                   STILL THERE  halfgrad 1.0 gives 0.75, right is 1.5",
        "1 STILL THERE, 0 FIXED, 0 could not be run",
    ]


def test_the_command_says_that_the_newest_version_is_mended(command):
    result = command("--newest", "halfgrad_half")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        "halfgrad_half                   FIXED        halfgrad 2.0 gives 1.5, right is 1.5",
        "0 STILL THERE, 1 FIXED, 0 could not be run",
    ]


def test_an_error_of_the_package_is_what_came(command):
    result = command("halfgrad_broken")
    assert "STILL THERE  halfgrad 1.0 gives ModuleNotFoundError, right is 1.5" in result.stdout


@pytest.mark.parametrize("name", ["halfgrad_silent", "absent_half"])
def test_a_script_that_says_nothing_is_no_success(command, name):
    result = command(name)
    assert result.returncode == 2
    assert result.stdout.splitlines()[-1] == "0 STILL THERE, 0 FIXED, 1 could not be run"
    assert not result.stderr


def test_a_name_that_is_wrong_is_told_with_those_there_are(command):
    result = command("halfgrad_third")
    assert result.returncode == 2
    assert "there is no script halfgrad_third; there are: absent_half, " in result.stderr
    assert "Traceback" not in result.stderr
