"""The table of operations: all that the harness knows about ``+``, ``*``, ``tanh`` and others.

A row defines an operation. No derivative is written here: SymPy derives them.

Importing the table does not import SymPy, which would take most of the start-up time of a command.
Only the oracles call the definitions.
"""

from __future__ import annotations

import operator
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING

from gradcheck.errors import UserError

if TYPE_CHECKING:
    import sympy


Contributions = Sequence[Sequence[str]]
"""For each operand that is not a parameter, the formulas in use for its contribution."""


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation.

    ``definition`` returns the SymPy expression of the result, given those of the operands. The last
    ``parameters`` operands are always constants, such as the exponent of ``**``. ``roundings`` is
    the relative error that a good implementation may have, in units of roundoff: 0 means exact, and
    1 correctly rounded, as IEEE 754 requires of ``+`` and ``*``. ``method`` is the name of the
    method in an engine's class, by default that of the operation. ``precedence`` is Python's for an
    infix or prefix operation, and ``None`` for one written as a call.

    ``partials`` are given where implementations compute the derivatives by formulas that lose more
    digits than SymPy's. It returns these formulas, given the operands and then the result.

    ``contributions`` are the formulas by which implementations compute what the operation adds to
    the gradient of each operand, as text: of ``g``, the upstream gradient, of the operands ``a``,
    ``b``, …, and of the result ``r``. The function gets the parameters. An engine may use any of
    these formulas, and that of the derivative. ``results`` are other formulas for the result.

    >>> import sympy
    >>> OPERATIONS["tanh"].definition(sympy.Symbol("x"))
    tanh(x)
    >>> Operation("softplus", definition=lambda x: sympy.log(1 + sympy.exp(x))).arity
    1
    """

    name: str
    definition: Callable[..., sympy.Expr]
    arity: int = 1
    parameters: int = 0
    roundings: int = 8
    method: str = ""
    precedence: int | None = None
    partials: Callable[..., Sequence[sympy.Expr]] | None = None
    contributions: Callable[..., Sequence[Sequence[str]]] | None = None
    results: Callable[..., Sequence[str]] | None = None

    def __post_init__(self) -> None:
        if not self.method:
            object.__setattr__(self, "method", self.name)

    def __reduce__(self) -> tuple[Callable[[str], Operation], tuple[str]]:
        # The definition is code; every process has it in the table.
        return _of_name, (self.name,)

    @property
    def variables(self) -> int:
        """The number of operands before the parameters, which need not be constants."""
        return self.arity - self.parameters

    @property
    def apply(self) -> Callable[..., object]:
        """The function that applies the operation to an engine's objects."""
        if self.method.startswith("__"):
            by_operator: Callable[..., object] = getattr(operator, self.method)
            return by_operator
        return by_method(self.method, self.arity)

    @property
    def word(self) -> str:
        """A name that is allowed in file names: ``add``, ``mul``, ``tanh``."""
        return self.method.strip("_").removeprefix("true")


def _of_name(name: str) -> Operation:
    if name in OPERATIONS:
        return OPERATIONS[name]
    message = f"nothing registers the operation {name} here: name its module with --operations"
    raise UnknownOperationError(message)


def by_method(name: str, arity: int) -> Callable[..., object]:
    """Return a function that calls a method of its first operand with the other operands."""
    if arity == 1:
        return operator.methodcaller(name)

    def call(made: object, *others: object) -> object:
        returned: object = getattr(made, name)(*others)
        return returned

    return call


def _sympy(name: str) -> Callable[..., sympy.Expr]:
    """Return SymPy's function of a name; SymPy is imported when the function is called."""

    def function(*operands: sympy.Expr | int) -> sympy.Expr:
        import sympy  # noqa: PLC0415 - see the module's docstring

        return getattr(sympy, name)(*operands)

    return function


_LONGEST_PRODUCT = 64
"""Exponents up to which a whole power may be a product of the base."""


def _results_of_power(n: float) -> Sequence[str]:
    if not (n.is_integer() and 1.0 < abs(n) <= _LONGEST_PRODUCT):
        return ()
    product = "*".join("a" * int(abs(n)))
    return (product,) if n > 0.0 else (f"1/({product})", f"1/a**{-n!r}")


def _fixed(*of_operands: tuple[str, ...]) -> Callable[[], Contributions]:
    """Return contributions that depend on no parameter."""
    return lambda: of_operands


def _of_power(n: float) -> Contributions:
    if n == 0.0:
        return (("g*0.0",),)
    whole = [f"g*{n!r}/a**{1.0 - n!r}"] if n < 1.0 else []
    return (
        (
            f"g*({n!r}*a**{n - 1.0!r})",
            f"g*{n!r}*a**{n - 1.0!r}",
            f"g*({n!r}*r/a)",
            *whole,
        ),
    )


_DIVISION = _fixed(
    ("g/b", "g*(1/b)", "g*b**-1"),
    (
        "g*(-(r/b))",
        "g*(-a/(b*b))",
        "-(g*a)/(b*b)",
        "-g*((a/b)/b)",
        "-(g/b)*r",
        "-(g/b)*(a/b)",
        "g*a*(-1*b**-2)",
        "g*(-a*b**-2)",
    ),
)

# Beyond 300, what cosh gives lies between 0 and 1e-260, which 1 - r*r covers: r may be 1 - u there.
_TANH = _fixed(
    (
        "g*(1 - r*r)",
        "g*((1 - r)*(1 + r))",
        "E = exp(-2*abs(a)); g*(4*E/((1 + E)*(1 + E)))",
        "E = exp(-2*abs(a)); g*(4*E/(1 + E*(2 + E)))",
        "c = cosh(min(abs(a), 300)); g/(c*c)",
        "c = cosh(min(abs(a), 300)); g*(1/(c*c))",
    )
)

_SQRT = _fixed(
    (
        "g/(2*r)",
        "g*(0.5/r)",
        "g*(1/(2*r))",
        "g*(0.5*a**-0.5)",
        "g*0.5*a**-0.5",
    )
)

# exp(-a) is infinite beyond 709, and its square beyond 354: what is divided by it is 0.
_SIGMOID = _fixed(
    (
        "g*(r*(1 - r))",
        "g*r*(1 - r)",
        "g*(1 - r)*r",
        "g*(r - r*r)",
        "E = exp(-abs(a)); g*(E/((1 + E)*(1 + E)))",
        "E = exp(min(-a, 354)); g*(max(min(a + 355, 1), 0)*E/((1 + E)*(1 + E)))",
    )
)


# A library function may lose 8 units of roundoff: C libraries document errors of at most 2 ulp
# (glibc) to 4 ulp (vector libraries), and an ulp is up to two units. ``sqrt`` may be ``x**0.5`` and
# ``a/b`` may be ``a * b**-1``, as in many small engines: a power of at most 1 ulp, and a product.
# ``abs`` is exact, but its derivative may be computed as ``g*x/abs(x)``, with two roundings.
OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation(
            "+",
            operator.add,
            arity=2,
            roundings=1,
            method="__add__",
            precedence=1,
            contributions=_fixed(("g",), ("g",)),
        ),
        Operation(
            "*",
            operator.mul,
            arity=2,
            roundings=1,
            method="__mul__",
            precedence=2,
            contributions=_fixed(("g*b",), ("g*a",)),
        ),
        Operation("tanh", _sympy("tanh"), contributions=_TANH),
        Operation(
            "-",
            operator.sub,
            arity=2,
            roundings=1,
            method="__sub__",
            precedence=1,
            contributions=_fixed(("g",), ("-g",)),
        ),
        Operation(
            "/",
            operator.truediv,
            arity=2,
            roundings=4,
            method="__truediv__",
            precedence=2,
            contributions=_DIVISION,
            results=lambda: ("a*(1/b)", "a*b**-1"),
        ),
        Operation(
            "neg",
            operator.neg,
            roundings=0,
            method="__neg__",
            precedence=3,
            contributions=_fixed(("-g",)),
        ),
        Operation(
            "**",
            operator.pow,
            arity=2,
            parameters=1,
            method="__pow__",
            precedence=4,
            contributions=_of_power,
            results=_results_of_power,
        ),
        Operation("exp", _sympy("exp"), contributions=_fixed(("g*r", "g*exp(a)"))),
        Operation("log", _sympy("log"), contributions=_fixed(("g/a", "g*(1/a)"))),
        Operation(
            "sqrt", _sympy("sqrt"), roundings=2, contributions=_SQRT, results=lambda: ("a**0.5",)
        ),
        Operation("sin", _sympy("sin"), contributions=_fixed(("g*cos(a)",))),
        Operation("cos", _sympy("cos"), contributions=_fixed(("g*-sin(a)",))),
        Operation("sinh", _sympy("sinh"), contributions=_fixed(("g*cosh(a)",))),
        Operation("cosh", _sympy("cosh"), contributions=_fixed(("g*sinh(a)",))),
        Operation("atan", _sympy("atan"), contributions=_fixed(("g/(1 + a*a)", "g*(1/(1 + a*a))"))),
        Operation(
            "sigmoid",
            lambda x: 1 / (1 + _sympy("exp")(-x)),
            partials=lambda _x, result: [result * (1 - result)],
            contributions=_SIGMOID,
            results=lambda: ("max(min(a + 710, 1), 0)/(1 + exp(min(-a, 709)))",),
        ),
        Operation("relu", lambda x: _sympy("Max")(x, 0), roundings=0),
        Operation(
            "abs",
            _sympy("Abs"),
            roundings=2,
            method="__abs__",
            contributions=_fixed(("g*a/max(abs(a), 5e-324)", "g*(a/max(abs(a), 5e-324))")),
        ),
        Operation("max", _sympy("Max"), arity=2, roundings=0),
        Operation("min", _sympy("Min"), arity=2, roundings=0),
    )
}

DEFAULT_OPERATIONS: tuple[Operation, ...] = tuple(OPERATIONS[name] for name in ("+", "*", "tanh"))
"""The operations used by default."""

ALL = "all"
"""The word for every operation in a list of names."""


class UnknownOperationError(UserError, LookupError):
    """A name of no operation; the message lists all operations."""


def operations_named(names: str) -> tuple[Operation, ...]:
    """Return the operations of a list such as ``"+ * tanh"``, each once, in the table's order.

    ``"all"`` returns all of them. Raises ``UnknownOperationError``, also for an empty list.
    """
    if names.strip() == ALL:
        return tuple(OPERATIONS.values())
    wanted = set(names.split())
    unknown = sorted(wanted - OPERATIONS.keys())
    if unknown or not wanted:
        what = f"no operation is called {unknown[0]!r}" if unknown else "no operation was named"
        message = f"{what}; there are: {' '.join(OPERATIONS)}, or {ALL} by itself"
        raise UnknownOperationError(message)
    return tuple(operation for operation in OPERATIONS.values() if operation.name in wanted)


REGISTERED_IN: dict[str, ModuleSpec | None] = {}
"""The module whose import registered each operation of a user's own, by the operation's name.

It is ``None`` for one that a script or an interactive session registered.
"""


def register_operation(operation: Operation) -> Operation:
    """Add your own operation to the table, for this process, and return it.

    Formulas, random expressions, bounds, blame and diagrams then support it. A module that is
    imported a second time, under another name, gets the operation that it registered before. Raises
    ``ValueError`` for a name that is taken or is not a Python identifier.
    """
    known, module = OPERATIONS.get(operation.name), _module_being_imported()
    if known is not None and (
        _place(known) == _place(operation) is not None
        or _is_imported_again(module, REGISTERED_IN.get(known.name))
    ):
        return known
    if operation.name in OPERATIONS or operation.name == ALL or not operation.name.isidentifier():
        message = f"{operation.name!r} is taken or is not an identifier; choose another name"
        raise ValueError(message)
    OPERATIONS[operation.name] = operation
    REGISTERED_IN[operation.name] = module
    return operation


def _place(operation: Operation) -> tuple[str, int] | None:
    """Return the file and line of the definition, if it is a Python function."""
    code = getattr(operation.definition, "__code__", None)
    return code and (code.co_filename, code.co_firstlineno)


def _module_being_imported() -> ModuleSpec | None:
    """Return the innermost module whose code is being run, unless it is the main program."""
    for frame, _ in traceback.walk_stack(sys._getframe()):
        if frame.f_code.co_name == "<module>":
            is_main = frame.f_globals.get("__name__") == "__main__"
            return None if is_main else frame.f_globals.get("__spec__")
    return None


def _is_imported_again(module: ModuleSpec | None, before: ModuleSpec | None) -> bool:
    """Return whether a file is imported under a second name."""
    return (
        module is not None
        and before is not None
        and module is not before
        and module.origin == before.origin is not None
    )
