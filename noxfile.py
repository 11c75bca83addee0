"""Checks in environments of their own: ``nox`` runs all, ``nox -s lint`` runs one."""

import nox

nox.needs_version = ">=2024.10"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["tests", "lowest", "lint", "types", "docs"]


@nox.session(python=["3.11", "3.12", "3.13", "3.14"])
def tests(session: nox.Session) -> None:
    """Run the tests with the installed wheel and the newest dependencies."""
    session.install(".[test]")
    # ``python -m pytest`` would import gradcheck from this folder instead.
    session.run("pytest", "-n4", *(session.posargs or ("tests", "docs")))


@nox.session(python="3.11", venv_backend="uv")
def lowest(session: nox.Session) -> None:
    """Run the unit and property tests with the lowest versions that gradcheck allows."""
    session.install("--resolution", "lowest-direct", ".[test]")
    session.run("pytest", "-n4", *(session.posargs or ("tests/unit", "tests/property")))


@nox.session
def lint(session: nox.Session) -> None:
    """Check the style, the format and the direction of the imports."""
    session.install("-e", ".[dev]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports", "--no-cache")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types."""
    session.install("-e", ".[dev]")
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site, where a warning is an error."""
    session.install("-e", ".[docs]")
    session.run("sphinx-build", "-q", "-W", "--keep-going", "-n", "docs", session.create_tmp())
