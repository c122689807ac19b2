"""The threshold matrix: when a node group is worth a warning, when it is critical, and how large it may become."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TypeGuard


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field of the matrix, in a sentence an operator can act on."""

    field: str
    sentence: str


class InvalidThresholds(ValueError):  # noqa: N818 - named for what it is about, like the standard library's own
    """A threshold matrix that contradicts itself; `problems` names every field that is wrong."""

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.sentence}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class ThresholdMatrix:
    """Utilization limits as fractions from 0 to 1, the session limit, and the most nodes a group may have.

    The first five defaults are the tutorial's (step 2). A group is critical in sessions at
    `sessions_per_node * rated_sessions_per_node` sessions for each node; the factor is a Decimal because a binary
    fraction misses boundaries. Raises InvalidThresholds, naming every field at fault.
    """

    cpu_warning: float = 0.75
    cpu_critical: float = 0.90
    memory_warning: float = 0.80
    memory_critical: float = 0.95
    max_nodes: int = 50
    sessions_per_node: Decimal = Decimal("1.2")
    rated_sessions_per_node: int = 1

    def __post_init__(self) -> None:
        problems = (
            *_utilization_problems("cpu", self.cpu_warning, self.cpu_critical),
            *_utilization_problems("memory", self.memory_warning, self.memory_critical),
            *_count_problems("max_nodes", self.max_nodes),
            *_factor_problems(self.sessions_per_node),
            *_count_problems("rated_sessions_per_node", self.rated_sessions_per_node),
        )
        if problems:
            raise InvalidThresholds(problems)

    @property
    def sessions_limit_per_node(self) -> Fraction:
        """Sessions for each node at which a group is critical, exact."""
        return _product(self.sessions_per_node, self.rated_sessions_per_node)


@lru_cache(maxsize=256)
def _product(factor: Decimal, count: int) -> Fraction:
    """Exact, and asked for several times for each group at each poll."""
    return Fraction(factor) * count


def _utilization_problems(signal: str, warning: object, critical: object) -> tuple[FieldProblem, ...]:
    if not _is_fraction(warning) or not _is_fraction(critical):
        return tuple(
            FieldProblem(f"{signal}_{name}", "must be a number from 0 to 1, such as 0.75")
            for name, value in (("warning", warning), ("critical", critical))
            if not _is_fraction(value)
        )
    if critical <= 0:
        return (FieldProblem(f"{signal}_critical", "must be above 0, or everything would always be critical"),)
    if warning > critical:
        return (FieldProblem(f"{signal}_warning", f"is above the critical limit ({warning:g} > {critical:g})"),)
    return ()


def _is_fraction(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and 0 <= value <= 1


def _count_problems(field: str, value: object) -> tuple[FieldProblem, ...]:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return ()
    return (FieldProblem(field, "must be a whole number above 0"),)


def _factor_problems(value: object) -> tuple[FieldProblem, ...]:
    if isinstance(value, Decimal) and value.is_finite() and value > 0:
        return ()
    return (FieldProblem("sessions_per_node", "must be a decimal number above 0, such as 1.2"),)
