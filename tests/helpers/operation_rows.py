"""The rows of the page on operations, made of the table."""

from fractions import Fraction

import sympy

from gradcheck.expression import Apply, Expression, Input
from gradcheck.formula import write
from gradcheck.operations import GROUPS

PARAMETER_NAMES = {"**": ("n",), "clamp": ("l", "h"), "leaky_relu": ("n",), "elu": ("n",)}


def written(operation):
    names = [*"abcd"[: operation.variables], *PARAMETER_NAMES.get(operation.name, ())]
    if operation.any_arity:
        return f"{operation.name}(a, b, …)"
    if operation.parameters:
        return "a**n" if operation.name == "**" else f"{operation.name}({', '.join(names)})"
    applied = Apply(operation, tuple(range(operation.arity)))
    return write(Expression((*map(Input, names), applied)))


def meaning(operation):
    names = [*"abcd"[: operation.variables], *PARAMETER_NAMES.get(operation.name, ())]
    text = sympy.sstr(operation.definition(*(sympy.Symbol(x, real=True) for x in names)))
    return text.replace("|", "\\|")


def accuracy(operation):
    roundings = operation.roundings
    ulps = {0: "exact", 1: "rounded once"}.get(roundings, f"{Fraction(roundings, 2)} ulp")
    absolute = f" + {operation.absolute_error:g} u" if operation.absolute_error else ""
    composed = ", or step by step" if operation.is_composed else ""
    return f"{ulps}{absolute}{composed}"


def accuracy_of_the_derivative(operation):
    if operation.derivative_ulps is None:
        return "formulas in use"
    error = f" + {operation.derivative_error:g} u" if operation.derivative_error else ""
    return f"{operation.derivative_ulps} ulp{error}"


def table(group):
    """The lines of the table for a group of operations."""
    return [
        f"| `{written(o)}` | `{meaning(o)}` | {accuracy(o)} | {accuracy_of_the_derivative(o)} |"
        for o in GROUPS[group]
    ]
