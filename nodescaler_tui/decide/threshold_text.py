"""Thresholds as they are typed: from text to a matrix, with what is wrong said at the field, and back to text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Final

from nodescaler_tui.decide.plan import matrix_fields
from nodescaler_tui.decide.thresholds import FieldProblem, InvalidThresholds, ThresholdMatrix

FIELDS: Final = (
    "cpu_warning",
    "cpu_critical",
    "memory_warning",
    "memory_critical",
    "max_nodes",
    "sessions_per_node",
    "rated_sessions_per_node",
)


def matrix_text(matrix: ThresholdMatrix) -> dict[str, str]:
    """Every field as the editor shows it."""
    return {**matrix_fields(matrix), **{name: f"{getattr(matrix, name):g}" for name in FIELDS[:4]}}


def parse_matrix(values: Mapping[str, str], base: ThresholdMatrix) -> ThresholdMatrix:
    """The matrix with these fields typed over `base`. Raises InvalidThresholds naming every field at fault."""
    typed: dict[str, object] = {}
    problems: list[FieldProblem] = []
    for name, value in values.items():
        try:
            typed[name] = _PARSERS.get(name, _not_a_threshold)(value.strip())
        except ValueError as error:
            problems.append(FieldProblem(name, str(error)))
    if problems:
        raise InvalidThresholds(tuple(problems))
    return ThresholdMatrix(**{**asdict(base), **typed})


def problems_with(
    matrix: ThresholdMatrix, *, hard_max_nodes: int, current_nodes: int | None
) -> tuple[FieldProblem, ...]:
    """What speaks against using this matrix on a group as it is now."""
    if matrix.max_nodes > hard_max_nodes:
        return (FieldProblem("max_nodes", f"is above the hard maximum of {hard_max_nodes} set at start-up"),)
    if current_nodes is not None and matrix.max_nodes < current_nodes:
        return (FieldProblem("max_nodes", f"is below the {current_nodes} nodes that run now"),)
    return ()


def _not_a_threshold(text: str) -> object:
    raise ValueError(f"is not a threshold, so {text!r} cannot be set")


def _utilization(text: str) -> float:
    try:
        if text.endswith("%"):
            return float(Decimal(text[:-1].strip()) / 100)
        return float(Decimal(text))
    except InvalidOperation:
        raise ValueError("must be a number from 0 to 1, such as 0.75, or a percentage") from None


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError("must be a whole number above 0")
    return int(text[:9])


def _factor(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError("must be a decimal number above 0, such as 1.2") from None


_PARSERS: Final[Mapping[str, Callable[[str], object]]] = {
    "cpu_warning": _utilization,
    "cpu_critical": _utilization,
    "memory_warning": _utilization,
    "memory_critical": _utilization,
    "max_nodes": _count,
    "sessions_per_node": _factor,
    "rated_sessions_per_node": _count,
}
