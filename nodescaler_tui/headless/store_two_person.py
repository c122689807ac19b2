"""`nodescaler-tui store two-person`: look at the two-person rule of a shared store, or set it as its owner."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from nodescaler_tui import __version__
from nodescaler_tui.decide.two_person import OFF, TwoPersonRule, rule_of
from nodescaler_tui.display_text import display_text
from nodescaler_tui.identity import operator_name
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.two_person import rule_at, set_rule


def run(sessions: Sessions, options: argparse.Namespace) -> int:
    """Set the rule where one is given, then say which one holds; of a rule what is not named is off.

    Raises JournalUnavailable.
    """
    if options.from_tier is not None or options.group:
        rule = rule_of(options.from_tier or OFF, tuple(options.group))
        set_rule(sessions, rule, operator=operator_name(), version=__version__, at=datetime.now(UTC))
    sys.stdout.write(f"{in_words(rule_at(sessions))}\n")
    return 0


def in_words(rule: TwoPersonRule) -> str:
    """Whom the rule concerns."""
    covered = [] if rule.from_tier is None else [_TIER_WORDS[rule.tier_name]]
    if rule.groups:
        covered.append(f"every plan of {', '.join(map(display_text, sorted(rule.groups)))}")
    return f"Two people must approve {' and '.join(covered)}." if covered else "One person's approval is enough."


_TIER_WORDS = {
    "key": "every plan",
    "number": "every plan beyond policy",
    "name": "every plan that takes the group's name to confirm",
}
