"""Operations on arrays: shapes, axes, broadcasting, moved elements, and arrays used twice."""

from __future__ import annotations

import pytest

from gradcheck.conformance.array_properties import (
    BROADCASTING,
    EVERY_ELEMENT,
    MATMUL,
    MOVING,
    REDUCTIONS,
    SHARING_ARRAYS,
    WITH_CONSTANTS,
)
from gradcheck.conformance.judging import judge_arrays
from gradcheck.engines.arrays.protocol import AnyEngine


@pytest.mark.parametrize("formula", EVERY_ELEMENT)
def test_an_operation_on_every_element(gradcheck_engine: AnyEngine, formula: str) -> None:
    judge_arrays(gradcheck_engine, formula)


@pytest.mark.parametrize("formula", BROADCASTING)
def test_broadcasting(gradcheck_engine: AnyEngine, formula: str) -> None:
    judge_arrays(gradcheck_engine, formula)


@pytest.mark.parametrize("formula", WITH_CONSTANTS)
def test_constants_as_operands(gradcheck_engine: AnyEngine, formula: str) -> None:
    judge_arrays(gradcheck_engine, formula)


@pytest.mark.parametrize("formula", REDUCTIONS)
def test_reductions(gradcheck_engine: AnyEngine, formula: str) -> None:
    judge_arrays(gradcheck_engine, formula)


@pytest.mark.parametrize("formula", MATMUL)
def test_products_of_matrices(gradcheck_engine: AnyEngine, formula: str) -> None:
    judge_arrays(gradcheck_engine, formula)


@pytest.mark.parametrize("formula", MOVING)
def test_moved_elements(gradcheck_engine: AnyEngine, formula: str) -> None:
    judge_arrays(gradcheck_engine, formula)


@pytest.mark.parametrize("formula", SHARING_ARRAYS)
def test_arrays_used_twice(gradcheck_engine: AnyEngine, formula: str) -> None:
    judge_arrays(gradcheck_engine, formula)
