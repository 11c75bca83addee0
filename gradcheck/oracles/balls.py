"""Compile SymPy formulas to functions of balls."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import reduce
from operator import itemgetter

import sympy
from flint import arb, fmpq

from gradcheck.errors import UserError
from gradcheck.oracles.arithmetic import EXACT, Arithmetic

Function = Callable[[Sequence[arb]], arb]
"""A compiled formula: takes the arguments, and returns the result."""

_ROUNDINGS = 8
"""Units of roundoff that a library function may lose, as in the table of operations."""

_ROOT_ROUNDINGS = 2
"""Units that a square root or a reciprocal may lose, as it may be a power with 1 ulp of error."""

_FUNCTIONS: dict[type[sympy.Function], Callable[[arb], arb]] = {
    sympy.acos: arb.acos,
    sympy.acosh: arb.acosh,
    sympy.asin: arb.asin,
    sympy.asinh: arb.asinh,
    sympy.atan: arb.atan,
    sympy.atanh: arb.atanh,
    sympy.cos: arb.cos,
    sympy.cosh: arb.cosh,
    sympy.erf: arb.erf,
    sympy.exp: arb.exp,
    sympy.log: arb.log,
    sympy.sin: arb.sin,
    sympy.sinh: arb.sinh,
    sympy.tan: arb.tan,
    sympy.tanh: arb.tanh,
}

_NUMBERS: dict[sympy.Expr, Callable[[], arb]] = {sympy.pi: arb.pi, sympy.E: arb.const_e}


class Side(Enum):
    """A side of a kink, or both of them."""

    BELOW = -1
    BOTH = 0
    ABOVE = 1

    @property
    def opposite(self) -> Side:
        """The other side."""
        return Side(-self.value)


class NoBallArithmeticError(UserError, TypeError):
    """A part of a formula has no ball arithmetic; the message names it."""


def exact_number(number: float) -> sympy.Rational:
    """Return a float as an exact SymPy number."""
    return sympy.Rational(*number.as_integer_ratio())


def compiled(
    formula: sympy.Expr,
    arguments: Sequence[sympy.Symbol],
    arithmetic: Arithmetic = EXACT,
    side: Side = Side.BOTH,
) -> Function:
    """Return a function of balls that evaluates a SymPy formula, operation by operation.

    At a kink or a jump of the formula, the result is the value on the given ``side``, or encloses
    those on both sides. Outside of the domain it is NaN. Raises ``NoBallArithmeticError``.

    >>> x, y = sympy.symbols("x y", real=True)
    >>> compiled(x**2 + y, [x, y])([arb(3), arb(1)])
    10.0000000000000
    """
    return _Compiler(arguments, arithmetic, side).function(formula)


@dataclass(frozen=True, slots=True)
class _Compiler:
    """Compiles formulas with given arguments, in one arithmetic, for one side of each kink."""

    arguments: Sequence[sympy.Symbol]
    arithmetic: Arithmetic
    side: Side

    def function(self, formula: sympy.Expr) -> Function:
        if isinstance(formula, sympy.Symbol):
            return itemgetter(self.arguments.index(formula))
        if isinstance(formula, sympy.Float):
            formula = sympy.Rational(formula)
        if isinstance(formula, sympy.Rational):
            return _ratio(fmpq(int(formula.p), int(formula.q)))
        if formula in _NUMBERS:
            number = _NUMBERS[formula]
            return lambda _: number()
        if isinstance(formula, sympy.Piecewise):
            return self._piecewise(formula)
        return self._compound(formula, [self.function(part) for part in formula.args])

    def _compound(  # noqa: PLR0911 - one return for each kind of formula
        self, formula: sympy.Expr, parts: Sequence[Function]
    ) -> Function:
        """Return the function of a formula, given the functions of its parts."""
        match formula:
            case sympy.Add():
                return self._sum(parts)
            case sympy.Mul():
                return _reduced(self.arithmetic.multiply, parts)
            case sympy.Pow():
                return self._power(formula.exp, *parts)
            case sympy.Max():
                return _reduced(arb.max, parts)
            case sympy.Min():
                return _reduced(arb.min, parts)
            case sympy.Abs():
                return _of(abs, *parts)
            case sympy.sign():
                return _step(parts[0], -1, self._side_of(formula.args[0]))
            case sympy.Heaviside():
                return _step(parts[0], 0, self._side_of(formula.args[0]))
            case sympy.Function() if type(formula) in _FUNCTIONS:
                return self._rounded(_of(_FUNCTIONS[type(formula)], *parts), _ROUNDINGS)
        message = f"no ball arithmetic for {type(formula).__name__} in {formula}"
        raise NoBallArithmeticError(message)

    def _sum(self, parts: Sequence[Function]) -> Function:
        if self.arithmetic is EXACT:
            return _reduced(operator.add, parts)
        add = self.arithmetic.add
        return lambda values: add([part(values) for part in parts])

    def _power(self, exponent: sympy.Expr, base: Function, to_the: Function) -> Function:
        """Return a power, which loses a unit for each product, or as many as a library function."""
        if not isinstance(exponent, sympy.Rational):
            return self._rounded(lambda values: base(values) ** to_the(values), _ROUNDINGS)
        match int(exponent.p), int(exponent.q):
            case whole, 1 if whole > 0:
                return self._rounded(lambda values: base(values) ** whole, whole - 1)
            case whole, 1:
                return self._rounded(
                    lambda values: 1 / base(values) ** -whole, max(-whole, _ROOT_ROUNDINGS)
                )
            case 1, 2:
                return self._rounded(_of(arb.sqrt, base), _ROOT_ROUNDINGS)
            case whole, part:
                ratio, round_ = fmpq(whole, part), self.arithmetic.round
                # The exponent is rounded too where it is no float: 0.3 - 1 in the derivative of
                # a**0.3.
                return self._rounded(
                    lambda values: base(values) ** round_(arb(ratio), 1), _ROUNDINGS
                )

    def _rounded(self, function: Function, roundings: int) -> Function:
        if self.arithmetic is EXACT:
            return function
        round_ = self.arithmetic.round
        return lambda values: round_(function(values), roundings)

    def _piecewise(self, formula: sympy.Piecewise) -> Function:
        """Return a function by cases; where a condition is uncertain, it encloses both cases."""
        pieces = [
            (self._condition(condition), self.function(piece)) for piece, condition in formula.args
        ]

        def evaluate(values: Sequence[arb]) -> arb:
            possible: list[arb] = []
            for holds, piece in pieces:
                answer = holds(values)
                if answer is not False:
                    possible.append(piece(values))
                if answer is True:
                    break
            return reduce(arb.union, possible) if possible else arb("nan")

        return evaluate

    def _condition(self, condition: sympy.Basic) -> Callable[[Sequence[arb]], bool | None]:
        """Return a test of a condition on balls; it returns ``None`` where that is uncertain."""
        if condition == sympy.true:
            return lambda values: True
        match condition:
            case sympy.Gt() | sympy.Ge():
                larger, smaller = condition.args
            case sympy.Lt() | sympy.Le():
                smaller, larger = condition.args
            case _:
                message = f"no ball arithmetic for the condition {condition}"
                raise NoBallArithmeticError(message)
        difference = compiled(larger - smaller, self.arguments)
        at_zero = {Side.ABOVE: True, Side.BELOW: False, Side.BOTH: None}
        uncertain = at_zero[self._side_of(larger - smaller)]

        def holds(values: Sequence[arb]) -> bool | None:
            distance = difference(values)
            return True if distance > 0 else False if distance < 0 else uncertain

        return holds

    def _side_of(self, argument: sympy.Expr) -> Side:
        """Return the side of zero that an argument is on.

        Of two arguments x - y and y - x, one is above and the other below: at a tie of ``max``, one
        operand is the larger one.
        """
        return self.side.opposite if argument.could_extract_minus_sign() else self.side


def _ratio(ratio: fmpq) -> Function:
    """Return a constant function; it encloses the number anew at each working precision."""
    number = arb(ratio)
    if number.is_exact():
        return lambda _: number
    return lambda _: arb(ratio)


def _of(outer: Callable[[arb], arb], inner: Function) -> Function:
    return lambda values: outer(inner(values))


def _reduced(combine: Callable[[arb, arb], arb], parts: Sequence[Function]) -> Function:
    """Return a function that combines the parts from left to right."""
    first, *others = parts
    if len(others) == 1:
        [second] = others
        return lambda values: combine(first(values), second(values))
    return lambda values: reduce(combine, [part(values) for part in parts])


def _step(argument: Function, left: int, side: Side) -> Function:
    """Return a function that jumps at zero from ``left`` to 1.

    At zero it is one of these, or encloses both.
    """
    below, above = arb(left), arb(1)
    both = arb((left + 1) / 2, (1 - left) / 2)
    at_zero = {Side.BELOW: below, Side.BOTH: both, Side.ABOVE: above}[side]

    def evaluate(values: Sequence[arb]) -> arb:
        number = argument(values)
        if number > 0:
            return above
        if number < 0:
            return below
        return at_zero if number.is_finite() else number

    return evaluate
