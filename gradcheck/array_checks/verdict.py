"""The verdict on an engine of arrays at an array case."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from gradcheck.arrays.operations import Shape
from gradcheck.arrays.program import ArrayCase, as_array
from gradcheck.blame.cause import Blame
from gradcheck.comparison import Comparison
from gradcheck.conclusion import what_is_wrong
from gradcheck.engines.arrays.protocol import ArrayRun
from gradcheck.engines.arrays.writing import ArrayCode
from gradcheck.kind import Kind, Reason
from gradcheck.number_verdict import NumberVerdict
from gradcheck.oracles.certificate import certify
from gradcheck.report import Report, Row
from gradcheck.table import as_text
from gradcheck.verdict import Explaining, Verdict


@dataclass(frozen=True, repr=False)  # no slots: cached_property keeps its results in __dict__
class ArrayVerdict:
    """Everything proved about an engine of arrays at a case; ``print`` shows it as a table.

    ``elements`` is the verdict on the single elements. A gradient of another shape than its input
    has no elements that can be compared; ``wrong_shapes`` has these. ``code`` is the case in Python
    for the engine. Whatever else a ``Verdict`` has, this one has too.
    """

    case: ArrayCase
    run: ArrayRun
    elements: Verdict
    blame: Blame | None = None
    code: ArrayCode | None = None

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        # Without the cached results, which another process can compute itself.
        return type(self), tuple(getattr(self, field.name) for field in fields(self))

    def __str__(self) -> str:
        return as_text(self.report)

    def __repr__(self) -> str:
        return f"<ArrayVerdict {self.signature}: {self.case.formula} by {self.engine}>"

    @property
    def engine(self) -> str:
        """The spec of the engine."""
        return self.elements.engine

    @cached_property
    def wrong_shapes(self) -> dict[str, Shape]:
        """The shapes of gradients that do not have that of their input, by its name."""
        gradients = zip(self.case.program.inputs, self.run.gradients, strict=False)
        return {
            x.name: gradient.shape
            for x, gradient in gradients
            if gradient is not None and gradient.shape != x.shape
        }

    @cached_property
    def kind(self) -> Kind:
        """The gravest kind of all the numbers."""
        if self.elements.kind is Kind.NONDETERMINISTIC:
            return Kind.NONDETERMINISTIC
        if self.run.wrong_shape is not None:
            return Kind.WRONG_VALUE
        if self.run.fault is not None and not self.elements.case.point:
            return Kind.CRASH  # there is no number that could not be computed
        is_shape = self.wrong_shapes and self.elements.value.kind is not Kind.WRONG_VALUE
        return Kind.WRONG_SHAPE if is_shape else self.elements.kind

    @property
    def on_result(self) -> str:
        """A sentence on a wrong shape of the result; empty if the shape is right."""
        if self.run.wrong_shape is None:
            return ""
        return (
            f"the result has shape {self.run.wrong_shape}, and should be {self.case.program.shape}"
        )

    @property
    def is_finding(self) -> bool:
        """Whether the engine is proved to be at fault."""
        return self.kind.is_finding

    @property
    def is_decided(self) -> bool:
        """Whether a number of the gradient was judged."""
        return self.elements.is_decided

    @property
    def number_verdicts(self) -> Sequence[NumberVerdict]:
        """The verdict on the value, and on each element of the gradients."""
        return self.elements.number_verdicts

    @property
    def rows(self) -> tuple[Row, ...]:
        """The same as plain numbers."""
        return self.elements.rows

    @property
    def value(self) -> Row:
        """The value, as plain numbers."""
        return self.elements.value

    @property
    def undecided(self) -> Reason | None:
        """The reason why the case is undecided, if it is."""
        return self.elements.undecided

    @property
    def relative_error(self) -> float:
        """The largest relative error of the numbers that are proved wrong, or 0.0."""
        return self.elements.relative_error

    @property
    def only_loses_digits(self) -> bool:
        """Whether there are wrong numbers, and each has lost at most half of its digits."""
        has_shapes = not self.wrong_shapes and self.run.wrong_shape is None
        return has_shapes and self.elements.only_loses_digits

    @property
    def signature(self) -> str:
        """The cause and the operation at fault; failures with the same signature are one bug."""
        return self.kind.value if self.blame is None else self.blame.signature

    def explains(self, other: Explaining) -> bool:
        """Tell whether the bug found here may be the whole cause of another verdict."""
        if self.blame is None or other.blame is None:
            return self.signature == other.signature
        return self.blame.explains(other.blame) or self._is_same_backward(other)

    def _is_same_backward(self, other: Explaining) -> bool:
        """Tell whether two verdicts blame the backward pass of one operation.

        On arrays of different shapes, the same mistake raises an error, gives a wrong shape, or
        wrong numbers.
        """
        blamed = self.blame is not None and self.blame.operations
        return (
            isinstance(other, ArrayVerdict)
            and other.blame is not None
            and len(other.blame.operations) == 1
            and blamed == other.blame.operations
            and self._value_is_right
            and other._value_is_right
        )

    @property
    def _value_is_right(self) -> bool:
        return not self.value.kind.is_finding and self.run.wrong_shape is None

    def true_gradient(self, name: str) -> NDArray[np.float64]:
        """Return the true gradient of an input, each element as the nearest float."""
        return self._of_input(name, [row.symbolic for row in self.elements.gradient])

    def is_wrong(self, name: str) -> bool:
        """Tell whether an element of an input's gradient is proved wrong."""
        return bool(self.wrong_elements(name).any())

    def wrong_elements(self, name: str) -> NDArray[np.bool_]:
        """Return for each element of an input's gradient whether it is proved wrong."""
        wrong = [float(row.kind.is_finding) for row in self.elements.gradient]
        return self._of_input(name, wrong).astype(bool)

    def is_without_weights(self, name: str, gradient: NDArray[np.float64]) -> bool:
        """Tell whether a gradient is the one that an engine may return if every weight were 1."""
        ones = (1.0,) * math.prod(self.case.program.shape)
        plain = replace(self.case, weights=ones).elements
        adjoints = certify(plain, self.elements.certificate.precision).adjoints
        places = self._of_input(name, range(len(plain.point)))
        pairs = zip(gradient.ravel().tolist(), places.ravel().tolist(), strict=True)
        return all(Comparison(number, adjoints[int(i)]).agrees for number, i in pairs)

    def _of_input(self, name: str, numbers: Sequence[float]) -> NDArray[np.float64]:
        start = 0
        for x in self.case.program.inputs:
            count = math.prod(x.shape)
            if x.name == name:
                return as_array(x.shape, tuple(numbers[start : start + count]))
            start += count
        raise KeyError(name)

    @property
    def report(self) -> Report:
        """The verdict in plain numbers and words."""
        return replace(
            self.elements.report,
            gradient=self._shown_gradient,
            case=self.case,
            signature=self.signature,
            kind=self.kind,
            blame=self.blame,
            derivatives=(),
            conclusion=self.conclusion,
        )

    @property
    def _shown_gradient(self) -> tuple[Row, ...]:
        """The rows of the gradient; elements of one with another shape have no number."""
        names = (x.name for x in self.case.program.inputs for _ in range(math.prod(x.shape)))
        rows = zip(names, self.elements.gradient, strict=True)
        return tuple(
            replace(row, kind=Kind.WRONG_SHAPE) if name in self.wrong_shapes else row
            for name, row in rows
        )

    @property
    def conclusion(self) -> tuple[str, ...]:
        """The conclusion, in one sentence or more."""
        if not self.is_finding or self.kind is Kind.NONDETERMINISTIC:
            return self.elements.conclusion
        numbers = self.elements.number_verdicts
        fault = self.run.fault if self.run.wrong_shape is None else None  # it comes of the shape
        lines = what_is_wrong(self.kind, numbers, fault, self.blame)
        shapes = {x.name: x.shape for x in self.case.program.inputs}
        if self.blame is None or not self.blame.detail:
            lines += [f"T{self.on_result[1:]}."] if self.on_result else []
            lines += [
                f"The gradient of {name} has shape {shape}, and should be {shapes[name]}."
                for name, shape in self.wrong_shapes.items()
            ]
        return tuple(lines)
