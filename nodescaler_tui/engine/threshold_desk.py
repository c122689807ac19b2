"""The threshold desk: previews edits over the whole fleet, and passes on those that can be saved or taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from nodescaler_tui.act.threshold_words import DEFAULT_SCOPE
from nodescaler_tui.decide.threshold_text import parse_matrix, problems_with
from nodescaler_tui.decide.thresholds import FieldProblem, InvalidThresholds, ThresholdMatrix
from nodescaler_tui.decide.what_if import Case, what_if
from nodescaler_tui.display_text import display_text
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.plot_moment import plot_moment
from nodescaler_tui.engine.plots import draw_all
from nodescaler_tui.intents import PreviewThresholds, SaveThresholds, UndoThresholds
from nodescaler_tui.views import Answer, FieldError, ThresholdPreview


class ThresholdChanges(Protocol):
    """For whom a change holds: for one session, or for a team. Every method raises JournalUnavailable."""

    def save(self, intent: SaveThresholds, matrix: ThresholdMatrix, operator: str) -> Answer:
        """Use this matrix, which the intent's values are, from now on."""

    def undo(self, intent: UndoThresholds, operator: str) -> Answer:
        """Take the last change back."""


class ThresholdDesk:
    """Judges what was typed. Every change is journaled: old to new, who, when and why."""

    def __init__(
        self, mind: Mind, changes: ThresholdChanges, *, hard_max_nodes: int, clock: Callable[[], datetime]
    ) -> None:
        self._mind = mind
        self._changes = changes
        self._hard_max_nodes = hard_max_nodes
        self._clock = clock

    def preview(self, intent: PreviewThresholds, group_id: str) -> ThresholdPreview:
        """What these values would do now, with the plots of the watched group under the edited lines."""
        matrix, problems = self._parsed(intent.scope, intent.values)
        if matrix is None:
            errors = tuple(FieldError(problem.field, display_text(problem.sentence)) for problem in problems)
            return ThresholdPreview(intent.scope, errors, (), ())
        now = self._clock()
        shown = intent.scope or group_id
        moment = plot_moment(self._mind, shown, now, intent.span_s)
        return ThresholdPreview(
            scope=intent.scope,
            errors=(),
            what_if=tuple(display_text(sentence) for sentence in what_if(self._cases(intent.scope, matrix, now))),
            plots=draw_all(intent.plots, self._mind.history, shown, matrix, moment),
        )

    def save(self, intent: SaveThresholds, operator: str) -> Answer:
        """Use these values from now on. Raises JournalUnavailable; then nothing was changed."""
        matrix, problems = self._parsed(intent.scope, intent.values)
        if matrix is None:
            sentence = "; ".join(f"{problem.field} {problem.sentence}" for problem in problems)
            return Answer(0, done=False, sentence=display_text(f"Not saved: {sentence}."))
        return self._changes.save(intent, matrix, operator)

    def undo(self, intent: UndoThresholds, operator: str) -> Answer:
        """Take the last change back. Raises JournalUnavailable; then nothing was changed."""
        return self._changes.undo(intent, operator)

    def _parsed(self, scope: str, values: Mapping[str, str]) -> tuple[ThresholdMatrix | None, tuple[FieldProblem, ...]]:
        try:
            matrix = parse_matrix(values, self._mind.book.matrix(scope))
        except InvalidThresholds as error:
            return None, error.problems
        problems = problems_with(matrix, hard_max_nodes=self._hard_max_nodes, current_nodes=self._nodes_in(scope))
        return (None, problems) if problems else (matrix, ())

    def _nodes_in(self, scope: str) -> int | None:
        reading = self._mind.knowledge.groups.get(scope)
        count = None if reading is None else reading.current_nodes.value
        return None if count is None else int(count)

    def _cases(self, scope: str, matrix: ThresholdMatrix, now: datetime) -> list[Case]:
        """The groups that the edit would touch: one, or all that have no matrix of their own."""
        touched = [
            group_id
            for group_id in self._mind.knowledge.groups
            if group_id == scope or (scope == DEFAULT_SCOPE and group_id not in self._mind.book.matrices)
        ]
        assessments = [self._mind.assessment(group_id, now) for group_id in touched]
        return [
            Case(str(display_text(assessment.reading.name)), assessment.situation, matrix)
            for assessment in assessments
            if assessment is not None
        ]
