"""Thresholds: a matrix that contradicts itself cannot be made, and what is typed is judged at its field."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nodescaler_tui.decide.decision import Situation
from nodescaler_tui.decide.signals import Sample, Signals
from nodescaler_tui.decide.threshold_text import matrix_text, parse_matrix, problems_with
from nodescaler_tui.decide.thresholds import InvalidThresholds, ThresholdMatrix
from nodescaler_tui.decide.what_if import Case, what_if


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cpu_warning": 0.95}, "cpu_warning"),
        ({"cpu_critical": float("nan")}, "cpu_critical"),
        ({"cpu_critical": True}, "cpu_critical"),
        ({"memory_critical": "0.9"}, "memory_critical"),
        ({"memory_warning": 80.0}, "memory_warning"),
        ({"max_nodes": 0}, "max_nodes"),
        ({"max_nodes": 50.0}, "max_nodes"),
        ({"sessions_per_node": 1.2}, "sessions_per_node"),
        ({"sessions_per_node": Decimal(-1)}, "sessions_per_node"),
        ({"cpu_critical": 0.0, "cpu_warning": 0.0}, "cpu_critical"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidThresholds) as caught:
        ThresholdMatrix(**change)  # type: ignore[arg-type]
    assert [problem.field for problem in caught.value.problems] == [field]


def test_typed_values_are_read_as_fractions_or_percentages() -> None:
    matrix = parse_matrix({"cpu_critical": "85 %", "cpu_warning": "0.7", "sessions_per_node": "1.1"}, ThresholdMatrix())
    assert (matrix.cpu_critical, matrix.cpu_warning, matrix.sessions_per_node) == (0.85, 0.7, Decimal("1.1"))


def test_what_is_shown_can_be_typed_back() -> None:
    matrix = ThresholdMatrix(cpu_critical=0.85, max_nodes=40)
    assert parse_matrix(matrix_text(matrix), ThresholdMatrix()) == matrix


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"cpu_critical": "much", "max_nodes": "-3"}, {"cpu_critical", "max_nodes"}),
        ({"cpu_warning": "0.95"}, {"cpu_warning"}),
        ({"nonsense": "1"}, {"nonsense"}),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field(values: dict[str, str], fields: set[str]) -> None:
    with pytest.raises(InvalidThresholds) as caught:
        parse_matrix(values, ThresholdMatrix())
    assert {problem.field for problem in caught.value.problems} == fields


def test_the_maximum_may_pass_neither_the_hard_maximum_nor_what_runs() -> None:
    matrix = ThresholdMatrix(max_nodes=40)
    assert problems_with(matrix, hard_max_nodes=200, current_nodes=10) == ()
    assert problems_with(matrix, hard_max_nodes=30, current_nodes=10)[0].field == "max_nodes"
    assert "41 nodes" in problems_with(matrix, hard_max_nodes=200, current_nodes=41)[0].sentence


def test_what_if_names_groups_that_turn_critical_and_proposals_that_vanish() -> None:
    def case(name: str, cpu: float, edited: ThresholdMatrix) -> Case:
        return Case(name, Situation(10, Signals(Sample(cpu), Sample(0.1), Sample(0)), ThresholdMatrix()), edited)

    stricter, laxer = ThresholdMatrix(cpu_critical=0.8), ThresholdMatrix(cpu_critical=0.99)
    assert "1 group would turn critical: a." in what_if([case("a", 0.85, stricter), case("b", 0.2, stricter)])
    assert "1 proposal would vanish: a." in what_if([case("a", 0.95, laxer)])
    assert what_if([case("a", 0.2, stricter)]) == ("Nothing would change now.",)
