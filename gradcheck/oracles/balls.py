"""Compile SymPy formulas to functions of balls."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import reduce
from operator import itemgetter

import sympy
from flint import arb, ctx, fmpq
from sympy.codegen import cfunctions

from gradcheck.errors import UserError
from gradcheck.oracles.arithmetic import EXACT, Arithmetic

Function = Callable[[Sequence[arb]], arb]
"""A compiled formula: takes the arguments, and returns the result."""

_ROUNDINGS = 8
"""Units of roundoff that a library function may lose, as in the table of operations."""

_ROOT_ROUNDINGS = 2
"""Units that a square root or a reciprocal may lose, as it may be a power with 1 ulp of error."""

_MOST_BITS = 4096
"""The most bits of working precision: the derivative of ``sin(x)/x`` at 1e-308 needs 2,200."""


def _angle(y: arb, x: arb) -> arb:
    """Return the angle of a point; a NaN where it jumps, which the sign of a zero decides."""
    return arb("nan") if y.contains(arb(0)) and not x > 0 else arb.atan2(y, x)


_FUNCTIONS: dict[type[sympy.Function], Callable[..., arb]] = {
    sympy.acos: arb.acos,
    sympy.acosh: arb.acosh,
    sympy.asin: arb.asin,
    sympy.asinh: arb.asinh,
    sympy.atan: arb.atan,
    sympy.atan2: _angle,
    sympy.atanh: arb.atanh,
    sympy.cos: arb.cos,
    sympy.cosh: arb.cosh,
    sympy.erf: arb.erf,
    sympy.erfc: arb.erfc,
    sympy.exp: arb.exp,
    sympy.log: arb.log,
    sympy.loggamma: arb.lgamma,
    sympy.sin: arb.sin,
    sympy.sinh: arb.sinh,
    sympy.tan: arb.tan,
    sympy.tanh: arb.tanh,
    cfunctions.expm1: arb.expm1,
    cfunctions.log1p: arb.log1p,
}

_NUMBERS: dict[sympy.Expr, Callable[[], arb]] = {sympy.pi: arb.pi, sympy.E: arb.const_e}


class Side(Enum):
    """A side of a kink, both of them, or the kink itself, where only a value is defined."""

    BELOW = "below"
    BOTH = "both"
    ABOVE = "above"
    AT = "at"

    @property
    def opposite(self) -> Side:
        """The other side."""
        return {Side.BELOW: Side.ABOVE, Side.ABOVE: Side.BELOW}.get(self, self)


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
    those on both sides; ``Side.AT`` takes the formula as it is written. Outside of the domain it is
    NaN. Raises ``NoBallArithmeticError``.

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
        if (argument := _differentiated_floor(formula)) is not None:
            return _jump(_is_between_integers, self.function(argument))
        return self._compound(formula, [self.function(part) for part in formula.args])

    def _compound(  # noqa: PLR0911 - one return for each kind of formula
        self, formula: sympy.Expr, parts: Sequence[Function]
    ) -> Function:
        """Return the function of a formula, given the functions of its parts."""
        match formula:
            case sympy.Add():
                return self._sum(parts)
            case sympy.Mul():
                return self._product(parts)
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
            case sympy.DiracDelta():
                return _jump(lambda argument: argument != 0, parts[0])
        return self._function(formula, parts)

    def _function(self, formula: sympy.Expr, parts: Sequence[Function]) -> Function:
        """Return the function of a library function, or raise the error for an unknown one."""
        match formula:
            case sympy.floor():
                return _of(arb.floor, *parts)
            case sympy.polygamma(args=(order, _)) if order.is_Integer:
                return self._rounded(_of(_polygamma(int(order)), parts[1]), _ROUNDINGS)
            case sympy.Function() if type(formula) in _FUNCTIONS:
                return self._rounded(_of(_FUNCTIONS[type(formula)], *parts), _ROUNDINGS)
        message = f"no ball arithmetic for {type(formula).__name__} in {formula}"
        raise NoBallArithmeticError(message)

    def _sum(self, parts: Sequence[Function]) -> Function:
        if self.arithmetic is EXACT:
            return _reduced(operator.add, parts)
        add = self.arithmetic.add
        return lambda values: add([part(values) for part in parts])

    def _product(self, parts: Sequence[Function]) -> Function:
        if self.arithmetic is EXACT or len(parts) <= 2:  # noqa: PLR2004 - one order is all there is
            return _reduced(self.arithmetic.multiply, parts)
        product = self.arithmetic.product
        return lambda values: product([part(values) for part in parts])

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
        is_strict = isinstance(condition, sympy.Gt | sympy.Lt)
        left, right = self.function(larger), self.function(smaller)
        side = self._side_of(larger - smaller)
        uncertain = {Side.ABOVE: True, Side.BELOW: False}.get(side)
        at_zero = not is_strict if side is Side.AT else uncertain

        def holds(values: Sequence[arb]) -> bool | None:
            one, other = left(values), right(values)
            if one is other and not one.is_nan():
                return not is_strict  # a number compared with itself, however it is rounded
            distance = one - other
            if distance == 0:
                return at_zero
            return True if distance > 0 else False if distance < 0 else uncertain

        return holds

    def _side_of(self, argument: sympy.Expr) -> Side:
        """Return the side of zero that an argument is on.

        Of two arguments x - y and y - x, one is above and the other below: at a tie of ``max``, one
        operand is the larger one.
        """
        return self.side.opposite if argument.could_extract_minus_sign() else self.side


def sharpened(function: Function) -> Function:
    """Return a function with more working precision where its formula loses digits.

    The precision is doubled as long as that makes the result sharper, up to ``_MOST_BITS``.
    """

    def evaluate(values: Sequence[arb]) -> arb:
        result, bits, enough = function(values), ctx.prec, ctx.prec // 2
        if not all(value.is_finite() for value in values):
            return result
        while not result.rel_accuracy_bits() >= enough and bits < _MOST_BITS:
            bits *= 2
            with ctx.workprec(bits):
                sharper = function(values)
            if not (result.is_nan() or 2 * sharper.rad() < result.rad()):
                break
            result = sharper
        return result

    return evaluate


def filled(function: Function, holes: Mapping[float, Function]) -> Function:
    """Return a function of one operand and more arguments, with its values at some operands."""

    def evaluate(values: Sequence[arb]) -> arb:
        for operand, value in holes.items():
            if values[0] == operand:
                return value(values)
        return function(values)

    return evaluate


def _ratio(ratio: fmpq) -> Function:
    """Return a constant function; it encloses the number anew at each working precision."""
    number = arb(ratio)
    if number.is_exact():
        return lambda _: number
    return lambda _: arb(ratio)


def _of(outer: Callable[..., arb], *inner: Function) -> Function:
    if len(inner) == 1:
        [only] = inner
        return lambda values: outer(only(values))
    return lambda values: outer(*[part(values) for part in inner])


def _polygamma(order: int) -> Callable[[arb], arb]:
    """Return the derivative of that order of the digamma function, for positive numbers.

    It is ``(-1)**(n + 1) * n! * zeta(n + 1, x)`` with Hurwitz' zeta function (DLMF, 25.11.12).
    """
    if order == 0:
        return lambda x: arb.digamma(x) if x > 0 else arb("nan")
    factor = arb.fac_ui(order) * (-1) ** (order + 1)
    return lambda x: factor * arb(order + 1).zeta(x) if x > 0 else arb("nan")


def _differentiated_floor(formula: sympy.Expr) -> sympy.Expr | None:
    """Return the argument of a floor of which a formula is the derivative, as SymPy writes it."""
    match formula:
        case sympy.Derivative(expr=sympy.floor() as floor):
            return floor.args[0]
        case sympy.Subs(expr=sympy.Derivative(expr=sympy.floor()), point=point):
            return point[0]
    return None


def _jump(is_flat: Callable[[arb], bool], argument: Function) -> Function:
    """Return the derivative of a step function: 0, and NaN where it may jump."""
    return lambda values: arb(0) if is_flat(argument(values)) else arb("nan")


def _is_between_integers(number: arb) -> bool:
    return bool(number.floor().is_exact() and not number.contains_integer())


def _reduced(combine: Callable[[arb, arb], arb], parts: Sequence[Function]) -> Function:
    """Return a function that combines the parts from left to right."""
    first, *others = parts
    if len(others) == 1:
        [second] = others
        return lambda values: combine(first(values), second(values))
    return lambda values: reduce(combine, [part(values) for part in parts])


def _step(argument: Function, left: int, side: Side) -> Function:
    """Return a function that jumps at zero from ``left`` to 1.

    At zero it is one of these, or encloses both, or is the number between them.
    """
    below, above, between = arb(left), arb(1), arb((left + 1) / 2)
    both = arb((left + 1) / 2, (1 - left) / 2)
    uncertain = {Side.BELOW: below, Side.ABOVE: above}.get(side, both)
    at_zero = between if side is Side.AT else uncertain

    def evaluate(values: Sequence[arb]) -> arb:
        number = argument(values)
        if number > 0:
            return above
        if number < 0:
            return below
        if number == 0:
            return at_zero
        return uncertain if number.is_finite() else number

    return evaluate
