"""The watch over an operation that was sent: verify what was accepted, and look for evidence where there is doubt."""

from __future__ import annotations

from datetime import datetime, timedelta

from nodescaler_tui.act.breaker import ReceiverHealth
from nodescaler_tui.act.dispatch import LONGEST_SILENCE, Dispatch
from nodescaler_tui.act.drafts import by_evidence, progressed, reported, retrying, seen_in_doubt, verifying
from nodescaler_tui.act.operation import Operation
from nodescaler_tui.act.operation_log import OperationLog
from nodescaler_tui.act.outcome import Report
from nodescaler_tui.act.receiver import Repeats
from nodescaler_tui.act.schedule import GiveUp
from nodescaler_tui.act.stopwatch import Stopwatch
from nodescaler_tui.act.surroundings import NextStep, Surroundings
from nodescaler_tui.act.verification import Progress, Settlement, Target, VerificationSample, after_failed_job, judge
from nodescaler_tui.events import EventKind


class Watch:
    """Looks at the live figures and at the receiver's own status page; sends nothing."""

    def __init__(self, world: Surroundings, log: OperationLog, dispatch: Dispatch) -> None:
        self._world = world
        self._log = log
        self._dispatch = dispatch
        self._in_doubt_since: dict[tuple[str, int], float] = {}
        self._next_report_at: dict[str, float] = {}
        self._stopwatch = Stopwatch(world.clock, world.monotonic)

    def begin_verifying(self, operation: Operation) -> NextStep:
        """From here on the live figures decide."""
        now, policy = self._world.clock(), self._world.policy
        self._log.record(operation, verifying(operation, now, now + policy.deadline))
        return NextStep(now + policy.initial_delay)

    def verify(self, operation: Operation) -> NextStep:
        """Ask the receiver how its job goes, take one sample, and settle when they say enough."""
        operation = self._with_report(operation)
        sample, policy = self._world.sample(operation), self._world.policy
        now, target = self._world.clock(), _target(operation)
        elapsed_s = self._stopwatch.elapsed_s(operation.id, operation.accepted_at or operation.approved_at)
        verdict = judge(
            target,
            sample,
            operation.tally,
            is_new_sample=sample.sampled_at is not None and sample.sampled_at != operation.last_sample_at,
            past_deadline=elapsed_s >= policy.deadline.total_seconds(),
            policy=policy,
        )
        if _counted_after_failure(operation, sample) and isinstance(verdict, Progress):
            verdict = after_failed_job(target, sample) or verdict
        if isinstance(verdict, Settlement):
            self._log.record(operation, *self._log.ending(operation, verdict))
            return NextStep(None)
        if sample.nodes != operation.nodes_now or verdict.tally != operation.tally:
            self._log.record(operation, progressed(operation, now, sample, verdict))
        return NextStep(now + policy.interval)

    def _with_report(self, operation: Operation) -> Operation:
        """The operation with the receiver's own word on the job, asked no more often than it wants, until the last."""
        due = self._next_report_at.get(operation.id, 0.0)
        if not operation.status_url or _is_last_word(operation.receiver_report) or self._world.monotonic() < due:
            return operation
        report = self._world.sender.poll_status(operation.status_url, self._world.clock())
        wait_s = max(report.retry_after_s or 0.0, self._world.policy.interval.total_seconds())
        self._next_report_at[operation.id] = self._world.monotonic() + wait_s
        if report.state.value == operation.receiver_report:
            return operation
        return self._log.record(operation, reported(operation, self._world.clock(), report)) or operation

    def doubt(self, operation: Operation) -> NextStep:
        """Nodes that came mean that the receiver acted; else it is asked again where that is safe, or a person is."""
        sample, now = self._world.sample(operation), self._world.clock()
        if sample.countable and sample.nodes is not None and _target(operation).done(sample.nodes) > 0:
            self._log.record(operation, by_evidence(operation, now, sample.nodes))
            return NextStep(now)
        if sample.nodes != operation.nodes_now:
            self._log.record(operation, seen_in_doubt(operation, now, sample))
        waits_s = self.settles_in_s(operation)
        if waits_s == 0 and self._may_ask_again(operation, sample):
            due = self._dispatch.next_attempt(operation, None)
            if not isinstance(due, GiveUp):
                return self._ask_again(operation, now, due)
        return NextStep(now + self._world.policy.interval, asks_operator=waits_s == 0)

    def _ask_again(self, operation: Operation, now: datetime, due: datetime) -> NextStep:
        nodes, attempt = operation.plan.from_nodes, operation.attempt
        sentence = f"Still {nodes} nodes after attempt {attempt}; asking for the same again."
        draft = retrying(operation, now, sentence, due, may_have_acted=True, health=ReceiverHealth.SAYS_NOTHING)
        self._log.record(operation, draft)
        return NextStep(due)

    def settles_in_s(self, operation: Operation) -> float:
        """How long the attempt that is in doubt may still be under way. No clock that jumps can shorten it.

        It is counted from when this process first saw the doubt, so a restart waits the whole time again.
        """
        key = (operation.id, operation.attempt)
        since = self._in_doubt_since.setdefault(key, self._world.monotonic())
        return max(0.0, since + self._world.settle_delay_s - self._world.monotonic())

    def _may_ask_again(self, operation: Operation, sample: VerificationSample) -> bool:
        """Only where a repeat asks for the same state, and the count was read after nothing could be under way."""
        settle = timedelta(seconds=self._world.settle_delay_s)
        sent_at = operation.sent_at or operation.approved_at
        return (
            self._world.repeats is Repeats.ABSOLUTE
            and sample.nodes == operation.plan.from_nodes
            and sample.counted_at is not None
            and sample.counted_at > sent_at + settle
            and self._world.clock() - operation.earliest_since(EventKind.PLAN_APPROVED) <= LONGEST_SILENCE
        )


def _counted_after_failure(operation: Operation, sample: VerificationSample) -> bool:
    """Whether the receiver said that its job failed, and what it left behind was counted after that."""
    if operation.receiver_report != Report.FAILED or operation.reported_at is None:
        return False
    return not sample.countable or (sample.counted_at is not None and sample.counted_at > operation.reported_at)


def _is_last_word(report: str) -> bool:
    return report in {Report.SUCCEEDED.value, Report.FAILED.value}


def _target(operation: Operation) -> Target:
    return Target(
        from_nodes=operation.plan.from_nodes,
        requested_nodes=operation.plan.requested_nodes,
        critical={name: float(limit) for name, limit in operation.plan.critical.items()},
    )
