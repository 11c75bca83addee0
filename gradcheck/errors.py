"""Mistakes of the user, which the command line prints as one line without a traceback."""

from __future__ import annotations


class UserError(Exception):
    """A mistake of the user.

    The message is one line: what is wrong, where, and what to do next.
    """


class NothingToCheckError(UserError):
    """The engine has none of the requested operations."""


class UnsupportedCaseError(UserError, ValueError):
    """A case of arrays needs an operation, or a form of one, that the engine does not have.

    It is a ``ValueError``, as the case is an argument of ``check``.
    """
