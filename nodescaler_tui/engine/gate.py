"""The gate: the one way by which an operator's word becomes an act. Hiding a key is courtesy; this is the law.

Every refusal says why in plain words and is journaled; nothing here sends anything, it only lets an operation begin.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from nodescaler_tui.act import approval as approving
from nodescaler_tui.act.approval import Approval, ApprovalTerms, FirstApproved, NotApproved
from nodescaler_tui.decide.approval import Refused, judge_approval
from nodescaler_tui.decide.plan import Plan
from nodescaler_tui.decide.wording import duration
from nodescaler_tui.display_text import display_text
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.planning import critical_limits
from nodescaler_tui.engine.standing_plan import Refusal
from nodescaler_tui.events import Draft, EventKind, Journal
from nodescaler_tui.facts import Reading
from nodescaler_tui.intents import ApprovePlan, BreakGlass, ProposeInverse, RejectPlan, Replan
from nodescaler_tui.views import Answer


class Gate:
    """Judges what operators ask for, against what is true now. Every method blocks on the journal or the network."""

    def __init__(
        self,
        mind: Mind,
        journal: Journal,
        *,
        live_count: Callable[[str], Reading],
        holder: str,
        declared_nodes: Callable[[str], int | None],
        clock: Callable[[], datetime],
    ) -> None:
        self._mind = mind
        self._journal = journal
        self._live_count = live_count
        self._holder = holder
        self._declared_nodes = declared_nodes
        self._clock = clock

    def approve(self, intent: ApprovePlan, operator: str) -> Answer:
        """Make the plan an operation, or refuse with everything that changed. Raises JournalUnavailable."""
        known = self._mind.ledger.rules_position(intent.group_id)
        earlier = approving.first_word(self._mind.ledger, intent.plan_hash, intent.group_id)
        if earlier is not None:
            return self._refuse(intent, operator, Refused(earlier.sentence))
        plan = self._mind.plans.get(intent.group_id)
        if plan is None or plan.hash != intent.plan_hash:
            return self._refuse(intent, operator, Refused("This plan is not the one that stands now; read it again."))
        refusal = self._closed_gate(plan) or self._judge(plan, intent) or self._recount(plan)
        if refusal is not None:
            return self._refuse(intent, operator, refusal)
        if self._mind.circumstances.dry_run:
            return self._refuse(
                intent, operator, Refused("Dry run: this plan would have been sent now; nothing was sent.")
            )
        return self._commit(plan, intent, operator, known)

    def _closed_gate(self, plan: Plan) -> Refused | None:
        assessment = self._mind.assessment(plan.group_id, self._clock())
        current = None if assessment is None else self._mind.proposal(assessment, self._clock())
        gates = (current or plan).gates
        closed = next((gate for gate in gates if not gate.passed), None)
        return None if closed is None else Refused(f"The gate “{closed.name}” is closed: {closed.sentence}.")

    def _judge(self, plan: Plan, intent: ApprovePlan) -> Refused | None:
        now = self._clock()
        assessment = self._mind.assessment(plan.group_id, now)
        current = None if assessment is None else self._mind.proposal(assessment, now)
        return judge_approval(plan, current, typed=intent.typed, reason=intent.reason, now=now)

    def _recount(self, plan: Plan) -> Refused | None:
        """Read the live count anew: a stale count is how a scale-up becomes a scale-down."""
        count = self._live_count(plan.group_id)
        if count.value == plan.payload.current_nodes:
            return None
        if count.value is None:
            return Refused(f"The live node count cannot be read now ({count.missing}); nothing was sent.")
        return Refused(
            f"The group has {count.value} nodes now, not {plan.payload.current_nodes}; wait for the next plan."
        )

    def _commit(self, plan: Plan, intent: ApprovePlan, operator: str, rules_position: int) -> Answer:
        terms = ApprovalTerms(
            cooldown_s=self._mind.rules.cooldown_s,
            nodes_per_hour=self._mind.circumstances.caps.nodes_per_hour,
            critical=dict(critical_limits(plan)),
            declared_nodes=self._declared_nodes(plan.group_id),
            holder=self._holder,
            rules_position=rules_position,
            rule=self._mind.circumstances.two_person,
            takes_back=self._mind.taking_back.get(plan.group_id, ""),
        )
        approval = Approval(operator, intent.typed, intent.reason, self._clock())
        outcome = approving.approve(self._journal, self._mind.ledger, plan, approval, terms)
        if isinstance(outcome, NotApproved):
            return self._refuse(intent, operator, Refused(outcome.sentence))
        self._mind.overriding.pop(plan.group_id, None)
        self._mind.taking_back.pop(plan.group_id, None)
        if isinstance(outcome, FirstApproved):
            left = duration((outcome.until - approval.at).total_seconds())
            return _done(f"Approved first; nothing is sent before a second person approves, within {left}.")
        self._mind.plans.pop(plan.group_id, None)
        return Answer(0, done=True, sentence=display_text("Approved."), operation_id=outcome.operation_id)

    def _refuse(self, intent: ApprovePlan, operator: str, refused: Refused) -> Answer:
        changed = tuple(change.sentence for change in refused.changes)
        self._record(
            EventKind.PLAN_REFUSED,
            operator,
            intent.group_id,
            {"plan_hash": intent.plan_hash, "sentence": refused.sentence, "changes": list(changed)},
        )
        return Answer(
            0,
            done=False,
            sentence=display_text(refused.sentence),
            changes=tuple(display_text(change) for change in changed),
        )

    def reject(self, intent: RejectPlan, operator: str) -> Answer:
        """Do not propose this again while the breach goes on."""
        plan = self._mind.plans.get(intent.group_id)
        if plan is None or plan.hash != intent.plan_hash:
            return _not_done("This plan is not the one that stands now; read it again.")
        self._record(
            EventKind.PLAN_REJECTED, operator, plan.group_id, {"plan_hash": plan.hash, "reason": intent.reason}
        )
        self._mind.taking_back.pop(plan.group_id, None)
        self._mind.rejected[plan.group_id] = Refusal(plan, operator, self._clock())
        return _done("Rejected; r proposes it again.")

    def replan(self, intent: Replan) -> Answer:
        """Make a new plan from what is known now, also where one was rejected."""
        self._mind.overriding.pop(intent.group_id, None)
        return self._proposed_anew(intent.group_id, "A new plan was made from what is known now.")

    def break_glass(self, intent: BreakGlass) -> Answer:
        """Make a plan despite what holds it back; nothing is overridden until it is approved by more than a key."""
        assessment = self._mind.assessment(intent.group_id, self._clock())
        if assessment is None:
            return _not_done("This group is not known.")
        overridden = self._mind.break_glass(assessment, self._clock())
        if not overridden:
            return _not_done("Nothing that could be overridden is in the way.")
        names = ", ".join(sorted(override.value for override in overridden))
        return self._proposed_anew(intent.group_id, f"Proposed despite {names}; approving it asks for more.")

    def propose_inverse(self, intent: ProposeInverse) -> Answer:
        """Make a plan that takes an operation back; it is approved like any other, by more than a key."""
        operation = self._mind.ledger.operation(intent.operation_id)
        if operation is None:
            return _not_done("There is no such operation.")
        self._mind.taking_back[operation.group_id] = operation.id
        answer = self._proposed_anew(operation.group_id, "Proposed to take it back; approving it asks for more.")
        if not answer.done:
            self._mind.taking_back.pop(operation.group_id)
        return answer

    def _proposed_anew(self, group_id: str, sentence: str) -> Answer:
        first = self._mind.ledger.first_approvals.standing(group_id, self._clock())
        shown = self._mind.plans.get(group_id)
        if first is not None and shown is not None and shown.hash == first.plan.hash:
            return _not_done(f"{first.operator} approved this plan first; approve it too, or reject it for another.")
        self._mind.rejected.pop(group_id, None)
        self._mind.plans.pop(group_id, None)
        assessment = self._mind.assessment(group_id, self._clock())
        if assessment is None or self._mind.proposal(assessment, self._clock()) is None:
            return _not_done("Nothing would be proposed now.")
        return _done(sentence)

    def _record(self, kind: EventKind, operator: str, group_id: str, fields: dict[str, str | list[str]]) -> None:
        draft = Draft(kind, self._clock(), operator, group_id, fields=fields)
        approving.note(self._journal, self._mind.ledger, draft)


def _done(sentence: str) -> Answer:
    return Answer(0, done=True, sentence=display_text(sentence))


def _not_done(sentence: str) -> Answer:
    return Answer(0, done=False, sentence=display_text(sentence))
