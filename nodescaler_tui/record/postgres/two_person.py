"""The two-person rule in a shared store: its owner sets it, the journal says so, and the database applies it."""

from __future__ import annotations

from datetime import datetime

from nodescaler_tui.decide.two_person import OFF, TIERS, TwoPersonRule, rule_of
from nodescaler_tui.events import Draft, EventKind, Fields
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.identity import signed
from nodescaler_tui.record.postgres.journal import PostgresJournal


def rule_at(sessions: Sessions) -> TwoPersonRule:
    """The rule that the database applies now. Raises JournalUnavailable."""
    with sessions.session() as session:
        ((tier, groups),) = session.execute("SELECT from_tier, groups FROM two_person_rule").fetchall()
    return rule_of(OFF if tier is None else tuple(TIERS)[tier - 1], tuple(groups))


def set_rule(sessions: Sessions, rule: TwoPersonRule, *, operator: str, version: str, at: datetime) -> None:
    """Apply this rule from now on, and journal who set it and what it was. Raises JournalUnavailable."""
    who, before = signed(sessions, operator), rule_at(sessions)
    fields: Fields = {
        "from_tier": rule.tier_name,
        "groups": sorted(rule.groups),
        "was_from_tier": before.tier_name,
        "was_groups": sorted(before.groups),
    }
    journal = PostgresJournal(sessions)
    journal.begin(version, at)
    with journal.transaction() as transaction:
        transaction.append(Draft(EventKind.TWO_PERSON_CHANGED, at, who, fields=fields))
