"""What if: what an edited matrix would do now, over the whole fleet, by the same decision as everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from nodescaler_tui.decide.decision import Decision, Situation, decide
from nodescaler_tui.decide.signals import Level
from nodescaler_tui.decide.thresholds import ThresholdMatrix


@dataclass(frozen=True, slots=True)
class Case:
    """One group: its name, its situation now, and the matrix it would get."""

    name: str
    situation: Situation
    edited: ThresholdMatrix


def what_if(cases: Iterable[Case]) -> tuple[str, ...]:
    """What would be different, in sentences; one sentence saying so when nothing would be."""
    pairs = [(case.name, decide(case.situation), decide(replace(case.situation, matrix=case.edited))) for case in cases]
    sentences = [
        _groups_sentence(words, [name for name, before, after in pairs if _rank(before) != rank == _rank(after)])
        for rank, words in ((2, "would turn critical"), (1, "would turn warning"), (0, "would turn ok"))
    ]
    appearing = [name for name, before, after in pairs if after.dispatchable and not before.dispatchable]
    vanishing = [name for name, before, after in pairs if before.dispatchable and not after.dispatchable]
    sentences += [
        _proposals_sentence(appearing, "would appear"),
        _proposals_sentence(vanishing, "would vanish"),
    ]
    kept = tuple(sentence for sentence in sentences if sentence)
    return kept or ("Nothing would change now.",)


def _rank(decision: Decision) -> int:
    if decision.breach:
        return 2
    return 1 if any(judgement.level is Level.WARNING for judgement in decision.judgements) else 0


def _groups_sentence(words: str, names: list[str]) -> str:
    return f"{_count(names, 'group')} {words}: {_listed(names)}." if names else ""


def _proposals_sentence(names: list[str], words: str) -> str:
    return f"{_count(names, 'proposal')} {words}: {_listed(names)}." if names else ""


def _count(names: list[str], noun: str) -> str:
    return f"1 {noun}" if len(names) == 1 else f"{len(names)} {noun}s"


def _listed(names: list[str], most: int = 4) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
