"""Assembly: one engine from settings, with the same parts whether it serves terminals or one headless command."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from nodescaler_tui.act.conductor import Conductor
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.operation import Operation
from nodescaler_tui.act.receiver import Repeats, WebhookReceiver
from nodescaler_tui.act.stopwatch import Stopwatch
from nodescaler_tui.act.surroundings import Surroundings, any_operation
from nodescaler_tui.act.verification import VerificationPolicy
from nodescaler_tui.act.webhook import Sender
from nodescaler_tui.clock import Clock
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.decide.two_person import rule_of
from nodescaler_tui.display_text import display_text
from nodescaler_tui.engine.ahead_book import AheadBook
from nodescaler_tui.engine.assessment import Rules
from nodescaler_tui.engine.core import Engine, Parts
from nodescaler_tui.engine.demo_past import DemoPast
from nodescaler_tui.engine.exporting import export_journal
from nodescaler_tui.engine.forecast_desk import ForecastDesk
from nodescaler_tui.engine.freeze_desk import FreezeDesk
from nodescaler_tui.engine.gate import Gate
from nodescaler_tui.engine.gates import Caps, Circumstances
from nodescaler_tui.engine.history_desk import HistoryDesk
from nodescaler_tui.engine.judging import judges_of
from nodescaler_tui.engine.kept_history import KeptHistory, retention_from
from nodescaler_tui.engine.looks import Looks
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.no_receiver import NobodyToSendTo
from nodescaler_tui.engine.order_desk import OrderDesk
from nodescaler_tui.engine.receiver_choice import receiver_from as receiver_from
from nodescaler_tui.engine.recording_desk import RecordingDesk
from nodescaler_tui.engine.sampling import sample_for
from nodescaler_tui.engine.session_changes import SessionChanges
from nodescaler_tui.engine.store import Store, store_from
from nodescaler_tui.engine.team_book import TeamBook
from nodescaler_tui.engine.team_changes import TeamChanges
from nodescaler_tui.engine.threshold_book import ThresholdBook
from nodescaler_tui.engine.threshold_desk import ThresholdChanges, ThresholdDesk
from nodescaler_tui.engine.world import REAL_WORLD, World
from nodescaler_tui.events import Journal
from nodescaler_tui.facts import GroupKind
from nodescaler_tui.identity import operator_name
from nodescaler_tui.observe.connection import BeliefPolicy, Connection, DeclaredGroup
from nodescaler_tui.observe.genesys import GenesysSource
from nodescaler_tui.observe.sdk import load_sdk
from nodescaler_tui.settings import Settings, SettingsError
from nodescaler_tui.settings.freezes import freeze_window
from nodescaler_tui.settings.keeping import keep_thresholds
from nodescaler_tui.state import Scope


def connection_from(settings: Settings) -> Connection:
    """How to reach Genesys Cloud."""
    genesys = settings.genesys
    return Connection(
        region=genesys.region,
        client_id=genesys.client_id,
        client_secret=genesys.client_secret,
        gateway=genesys.gateway,
        status_page=genesys.status_page,
    )


def belief_from(settings: Settings) -> BeliefPolicy:
    """When a sample is believed."""
    observe = settings.observe
    return BeliefPolicy(observe.fresh_for_s, observe.least_fresh_share, observe.budget_share)


def declared_from(settings: Settings) -> DeclaredGroup | None:
    """The tutorial's declared group, when a queue was given for it."""
    declared = settings.declared
    return DeclaredGroup(declared.node_group_id, declared.queue_id) if declared.queue_id else None


def assemble(settings: Settings, world: World = REAL_WORLD, past: DemoPast | None = None) -> Engine:
    """An engine that has not begun to poll. Takes as long as the SDK's import; blocks."""
    now = world.clock.now
    receiver, receiver_problem = receiver_from(settings)
    mind = _mind(settings, receiver, receiver_problem, world.clock)
    store = store_from(settings, genesys_from(settings, mind.ledger, world.clock), world)
    journal, source, holder, history = store.journal, store.source, store.holder, store.history
    conductor = Conductor(mind.ledger, _surroundings(settings, mind, store, world))
    gate = Gate(
        mind,
        journal,
        live_count=source.live_count,
        holder=holder.id,
        declared_nodes=_declared_base(settings, mind),
        clock=now,
    )
    desk = ThresholdDesk(
        mind, _threshold_changes(settings, mind, journal, now), hard_max_nodes=settings.limits.hard_max_nodes, clock=now
    )
    history_desk = _history_desk(settings, mind, history, world.clock, past)
    return Engine(
        Parts(
            mind=mind,
            source=source,
            team=store.team,
            holder=holder,
            journal=journal,
            conductor=conductor,
            judges=judges_of(
                gate,
                OrderDesk(mind, journal, conductor.orders, clock=now),
                desk,
                FreezeDesk(mind, journal, clock=now),
                signed=store.team.signed,
                read_only=settings.engine.read_only,
            ),
            looks=Looks(mind, journal, desk=desk, history=history_desk, verify_chain=journal.chain_report, clock=now),
            export=lambda wanted: export_journal(journal, settings.paths.exports, wanted, now()),
            recording=RecordingDesk(
                mind, journal, settings.paths.recordings, poll_every_s=settings.observe.poll_every_s, clock=now
            ),
            history=history_desk,
            forecast=_forecast_desk(settings, mind, history, world.clock),
            clock=now,
            wait=world.wait,
            poll_every_s=settings.observe.poll_every_s,
        )
    )


def genesys_from(settings: Settings, ledger: Ledger, clock: Clock) -> GenesysSource:
    """Genesys Cloud as a source; how many nodes a declared group has, the ledger tells. Imports the SDK; blocks."""
    declared = settings.declared
    return GenesysSource(
        connection_from(settings),
        belief_from(settings),
        load_sdk(),
        declared=declared_from(settings),
        declared_nodes=lambda: ledger.declared_nodes(declared.node_group_id, declared.current_nodes),
        kept_waits=settings.paths.waits,
        clock=clock,
    )


def _forecast_desk(settings: Settings, mind: Mind, kept: KeptHistory | None, clock: Clock) -> ForecastDesk:
    every_s, budget = settings.observe.poll_every_s, settings.forecast.false_pages_a_day
    stored, memory = (None, None) if kept is None else (kept.stored, kept.memory)
    return ForecastDesk(mind, stored, memory, poll_every_s=every_s, budget_a_day=budget, clock=clock.now)


def _history_desk(
    settings: Settings, mind: Mind, kept: KeptHistory | None, clock: Clock, past: DemoPast | None
) -> HistoryDesk:
    brought = None
    if kept is not None and kept.file is not None and past is not None:
        brought = partial(past.bring_into, kept.file, retention_from(settings.history))
    return HistoryDesk(mind, kept, poll_every_s=settings.observe.poll_every_s, clock=clock.now, past=brought)


def _threshold_changes(
    settings: Settings, mind: Mind, journal: Journal, clock: Callable[[], datetime]
) -> ThresholdChanges:
    """Changes hold for this session, or for the team that shares the store."""

    def keep(scope: str, matrix: ThresholdMatrix) -> str:
        return _keep_thresholds(settings, scope, matrix)

    if mind.team_book is None:
        return SessionChanges(mind, journal, clock=clock, keep=keep)
    return TeamChanges(mind, mind.team_book, journal, clock=clock, keep=keep)


def _keep_thresholds(settings: Settings, scope: str, matrix: ThresholdMatrix) -> str:
    """Write an edited matrix into the configuration file; where it was written to. Raises SettingsError."""
    if settings.demo:
        raise SettingsError("The demo writes nothing to your configuration file.")
    keep_thresholds(settings.paths.config_file, scope, matrix)
    return str(settings.paths.config_file)


def _mind(settings: Settings, receiver: WebhookReceiver | None, receiver_problem: str, clock: Clock) -> Mind:
    source = settings.genesys.gateway or settings.genesys.region
    book = ThresholdBook(settings.thresholds)
    return Mind(
        ledger=Ledger(stopwatch=Stopwatch(clock.now, clock.monotonic)),
        scope=Scope(
            region=display_text(settings.genesys.region),
            source=display_text("simulator" if settings.demo else source),
            read_only=settings.engine.read_only,
            dry_run=settings.engine.dry_run,
            demo=settings.demo,
        ),
        rules=Rules(settings.observe.staleness_limit_s, settings.limits.cooldown_s),
        book=book,
        team_book=TeamBook(book, settings.limits.hard_max_nodes) if settings.store.url else None,
        ahead=AheadBook(settings.forecast.propose_ahead, settings.forecast.boot_s),
        circumstances=Circumstances(
            receiver=receiver,
            receiver_problem=receiver_problem,
            store_problem="",
            read_only=settings.engine.read_only,
            dry_run=settings.engine.dry_run,
            caps=Caps(settings.limits.nodes_per_step, settings.limits.nodes_per_hour),
            freezes=tuple(freeze_window(freeze) for freeze in settings.freezes),
            two_person=rule_of(settings.two_person.from_tier, settings.two_person.groups),
        ),
    )


def _declared_base(settings: Settings, mind: Mind) -> Callable[[str], int | None]:
    """The configured count of a declared group, None for one whose nodes are counted."""

    def base(group_id: str) -> int | None:
        reading = mind.knowledge.groups.get(group_id)
        declared = reading is not None and reading.kind is GroupKind.DECLARED
        return settings.declared.current_nodes if declared else None

    return base


def _can_carry(settings: Settings, receiver: WebhookReceiver | None) -> Callable[[Operation], bool]:
    """On other hosts of a team there may be other receivers, or none; and a dry run sends nothing for others either."""
    if not settings.store.url:
        return any_operation
    if receiver is None or settings.engine.dry_run:
        return lambda _: False
    return lambda operation: operation.plan.receiver == receiver.name


def _surroundings(settings: Settings, mind: Mind, store: Store, world: World) -> Surroundings:
    receiver, clock = mind.circumstances.receiver, world.clock
    sender: Sender = NobodyToSendTo() if receiver is None else world.sender(receiver)
    return Surroundings(
        journal=store.journal,
        sender=sender,
        repeats=Repeats.FIRES if receiver is None else receiver.repeats,
        can_carry=_can_carry(settings, receiver),
        sample=lambda operation: sample_for(mind, operation, clock.now()),
        holder=store.holder,
        carrier=lambda: store.team.signed(operator_name()) if settings.store.url else "",
        policy=VerificationPolicy(
            deadline=timedelta(seconds=settings.verify.deadline_s),
            interval=timedelta(seconds=settings.verify.interval_s),
            consecutive_successes=settings.verify.consecutive_successes,
            initial_delay=timedelta(seconds=settings.verify.initial_delay_s),
            failure_limit=settings.verify.failure_limit,
            count=settings.verify.count,
        ),
        clock=clock.now,
        monotonic=clock.monotonic,
        timeout_s=settings.receiver.timeout_s,
    )
