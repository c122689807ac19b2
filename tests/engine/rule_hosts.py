"""Hosts of a team in one process: each with a mind, a gate and desks of its own, all on one journal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.receiver import WebhookReceiver
from nodescaler_tui.decide.threshold_text import matrix_text
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.assessment import Rules
from nodescaler_tui.engine.freeze_desk import FreezeDesk
from nodescaler_tui.engine.gate import Gate
from nodescaler_tui.engine.gates import Caps, Circumstances
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.picture import Pace
from nodescaler_tui.engine.team_book import TeamBook
from nodescaler_tui.engine.team_changes import TeamChanges
from nodescaler_tui.engine.threshold_book import ThresholdBook
from nodescaler_tui.engine.threshold_desk import ThresholdDesk
from nodescaler_tui.events import Journal
from nodescaler_tui.facts import GroupKind, GroupReading, Observation, Reading, RequestBudget
from nodescaler_tui.intents import ApprovePlan, SaveThresholds
from nodescaler_tui.settings import SettingsError
from nodescaler_tui.state import GroupState, Scope, State
from nodescaler_tui.views import Answer

GROUP: Final = "g-1"
NOW: Final = datetime(2026, 3, 1, 3, 12, tzinfo=UTC)


class Host:
    """One operator's engine, as far as rules go. Its group's CPU is at 93 %."""

    def __init__(self, journal: Journal, operator: str, *, hard_max_nodes: int = 200) -> None:
        self.journal, self.operator, self.now = journal, operator, NOW
        self.kept: dict[str, ThresholdMatrix] = {}
        self.file_is_broken = False
        book = ThresholdBook({"": ThresholdMatrix()})
        team_book = TeamBook(book, hard_max_nodes)
        circumstances = Circumstances(
            receiver=WebhookReceiver("hook", "https://receiver.example/scale"),
            receiver_problem="",
            store_problem="",
            read_only=False,
            dry_run=False,
            caps=Caps(nodes_per_step=50, nodes_per_hour=200),
        )
        self.mind = Mind(
            scope=Scope(),
            rules=Rules(staleness_limit_s=90.0, cooldown_s=300.0),
            book=book,
            circumstances=circumstances,
            ledger=Ledger(),
            team_book=team_book,
        )
        changes = TeamChanges(self.mind, team_book, journal, clock=self.clock, keep=self._keep)
        self.desk = ThresholdDesk(self.mind, changes, hard_max_nodes=hard_max_nodes, clock=self.clock)
        self.freezes = FreezeDesk(self.mind, journal, clock=self.clock)
        self.gate = Gate(
            self.mind,
            journal,
            live_count=lambda _: Reading(10, "recount", self.now),
            holder=operator,
            declared_nodes=lambda _: None,
            clock=self.clock,
        )

    def clock(self) -> datetime:
        return self.now

    def _keep(self, scope: str, matrix: ThresholdMatrix) -> str:
        if self.file_is_broken:
            raise SettingsError("it is not valid TOML.")
        self.kept[scope] = matrix
        return "config.toml"

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def state(self) -> State:
        """Follow the journal, read the group, and see what is shown."""
        self.mind.remember(list(self.journal.read(after=self.mind.remembered)))
        reading = GroupReading(
            id=GROUP,
            name="media one",
            site="north",
            kind=GroupKind.EDGE,
            managed=False,
            current_nodes=Reading(10, "edge list", self.now),
            cpu=Reading(0.93, "edge", self.now),
            memory=Reading(0.1, "edge", self.now),
            sessions=Reading(3, "edge", self.now),
            cpu_worst=None,
            memory_worst=None,
            fresh_nodes=10,
            nodes=(),
        )
        budget = RequestBudget(1, 300, limit_is_live=True)
        self.mind.observe(Observation(self.now, 1, inventory_read=True, groups=(reading,), problems=(), budget=budget))
        return self.mind.state(self.now, Pace(10.0, None))

    def group(self) -> GroupState:
        return self.state().groups[0]

    def plan_hash(self) -> str:
        plan = self.group().plan
        assert plan is not None
        return plan.hash

    def approve(self, plan_hash: str) -> Answer:
        return self.gate.approve(ApprovePlan(GROUP, plan_hash), self.operator)

    def save(
        self, scope: str = GROUP, *, shown: ThresholdMatrix | None = None, keep: bool = False, **values: str
    ) -> Answer:
        """What the editor sends: every field as it stands, with some typed anew."""
        typed = {**matrix_text(shown or self.mind.book.matrix(scope)), **values}
        return self.desk.save(SaveThresholds(scope, typed, "night", keep, shown), self.operator)
