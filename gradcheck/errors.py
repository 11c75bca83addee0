"""Errors that are the user's to mend: the command line prints them as one line, not a traceback."""

from __future__ import annotations


class UserError(Exception):
    """A mistake in what was asked for.

    The message is one line: what is wrong, where, and what to do next.
    """


class NothingToCheckError(UserError):
    """The engine has none of the operations asked for."""
