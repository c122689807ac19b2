"""The status of an accepted job, as the receiver's own status page tells it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from nodescaler_tui.act.outcome import Report, StatusReport
from nodescaler_tui.act.receivers.channel import Answer
from nodescaler_tui.act.receivers.judging import LONGEST_STATUS, json_of
from nodescaler_tui.act.receivers.pointer import value_at
from nodescaler_tui.act.receivers.profile import Status
from nodescaler_tui.act.receivers.secret import redacted
from nodescaler_tui.act.schedule import retry_after_seconds

LONGEST_RETRY_AFTER_S: Final = 3600.0


def report_of(answer: Answer, rule: Status, secrets: tuple[str, ...], now: datetime) -> StatusReport:
    """What a status page says: 202 is running, a known last word ends it, and a 200 without a status is finished.

    A page that is no JSON object, or any other answer, says nothing: it may be a login page or somebody's outage.
    """
    wait_s = retry_after_seconds(answer.headers.get("retry-after"), now)
    retry_after_s = None if wait_s is None else min(wait_s, LONGEST_RETRY_AFTER_S)
    document = json_of(answer.body)
    if answer.status not in {200, 201, 202, 204}:
        return StatusReport(Report.UNREADABLE, f"The status page answered {answer.status}.", retry_after_s)
    word = _word(document, rule)
    if word:
        state = _state(word, rule)
        return StatusReport(state, f"The receiver says {redacted(word, secrets)}.", retry_after_s)
    if answer.status == 202:
        return StatusReport(Report.RUNNING, "The receiver still works on it.", retry_after_s)
    if answer.status == 204 or isinstance(document, Mapping):
        return StatusReport(Report.SUCCEEDED, "The receiver has finished.", retry_after_s)
    return StatusReport(Report.UNREADABLE, "The status page is not a JSON object.", retry_after_s)


def _word(document: object, rule: Status) -> str:
    found = (value_at(document, pointer) for pointer in rule.state_pointers)
    return next((value[:LONGEST_STATUS] for value in found if isinstance(value, str) and value), "")


def _state(word: str, rule: Status) -> Report:
    folded = word.casefold()
    if folded in {name.casefold() for name in rule.succeeded}:
        return Report.SUCCEEDED
    return Report.FAILED if folded in {name.casefold() for name in rule.failed} else Report.RUNNING
