"""Travel: from one screen to another. Screens that are not needed for the first paint are imported when gone to."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SystemCommand
from textual.screen import Screen

from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.show.actions import ACTIONS, Place
from nodescaler_tui.show.screens.dashboard import DashboardScreen
from nodescaler_tui.show.screens.showing import StateScreen
from nodescaler_tui.state import GroupState

if TYPE_CHECKING:
    from nodescaler_tui.show.app import NodescalerApp


class Traveller:
    """Opens screens for the group that is selected or shown."""

    def __init__(self, app: NodescalerApp) -> None:
        self._app = app

    @property
    def group(self) -> GroupState | None:
        """The group that the present screen is about."""
        screen = self._app.screen
        return screen.shown_group if isinstance(screen, StateScreen) else None

    def approve(self) -> None:
        """To the plan of the group, or to its operation when one is open."""
        from nodescaler_tui.show.screens.approval import ApprovalScreen  # noqa: PLC0415 - not on the first paint

        group = self.group
        if group is None:
            return
        if group.plan is None and not group.operation_id:
            self._app.notify(str(group.sentence), markup=False)
            return
        self._app.push_screen(ApprovalScreen(self._app.desk, group, group.plan, group.operation_id))

    def operation(self) -> None:
        """To the newest operation on the group."""
        from nodescaler_tui.show.screens.approval import ApprovalScreen  # noqa: PLC0415

        group = self.group
        mine = [each for each in self._app.desk.state.operations if group is not None and each.group_id == group.id]
        if group is not None and mine:
            self._app.push_screen(ApprovalScreen(self._app.desk, group, None, mine[-1].id))
        else:
            self._app.notify("There is no operation on this group.", markup=False)

    def open(self) -> None:
        """To the group in full."""
        from nodescaler_tui.show.screens.group import GroupScreen  # noqa: PLC0415

        if self.group is not None:
            self._app.push_screen(GroupScreen(self._app.desk, self.group.id))

    def thresholds(self, *, of_all: bool = False) -> None:
        """To the threshold editor."""
        from nodescaler_tui.show.screens.thresholds import ThresholdScreen  # noqa: PLC0415

        group = None if of_all else self.group
        matrix = group.matrix if group is not None else self._default_matrix()
        self._app.push_screen(ThresholdScreen(self._app.desk, matrix, group))

    def _default_matrix(self) -> ThresholdMatrix:
        rules, groups = self._app.desk.state.rules, self._app.desk.state.groups
        if rules.default is not None:
            return rules.default.matrix
        return next((g.matrix for g in groups if g.matrix_origin.startswith("default")), ThresholdMatrix())

    def journal(self) -> None:
        """To the journal."""
        from nodescaler_tui.show.screens.journal import JournalScreen  # noqa: PLC0415

        self._app.push_screen(JournalScreen(self._app.desk))

    def pause(self) -> None:
        """To the question for how long to pause the group, or whether to end its pause."""
        from nodescaler_tui.show.questions import end_pause_question, pause_question  # noqa: PLC0415
        from nodescaler_tui.show.screens.asking import AskScreen  # noqa: PLC0415

        group = self.group
        if group is not None:
            question = pause_question(group) if group.paused_until is None else end_pause_question(group)
            self._app.push_screen(AskScreen(self._app.desk, question))

    def freeze(self) -> None:
        """To the question until when all sending is frozen, or whether to lift that."""
        from nodescaler_tui.show.questions import freeze_question, lift_question  # noqa: PLC0415
        from nodescaler_tui.show.screens.asking import AskScreen  # noqa: PLC0415

        desk = self._app.desk
        freeze = desk.state.rules.freeze
        holds = freeze is not None and freeze.until > desk.now
        question = lift_question(freeze, desk.now) if freeze is not None and holds else freeze_question(desk.clock)
        self._app.push_screen(AskScreen(desk, question))

    def ahead(self) -> None:
        """To the question whether plans may be made for the group on a forecast alone."""
        from nodescaler_tui.show.questions import ahead_question  # noqa: PLC0415
        from nodescaler_tui.show.screens.asking import AskScreen  # noqa: PLC0415

        if self.group is not None:
            self._app.push_screen(AskScreen(self._app.desk, ahead_question(self.group)))

    def who(self) -> None:
        """Who else is here."""
        from nodescaler_tui.show.screens.who import WhoScreen  # noqa: PLC0415

        self._app.push_screen(WhoScreen(self._app.desk))

    def help(self) -> None:
        """The keys of this screen."""
        from nodescaler_tui.show.screens.help import HelpScreen  # noqa: PLC0415

        self._app.push_screen(HelpScreen(self.places(), self._app.desk.keymap))

    def places(self) -> tuple[Place, ...]:
        """Where we are, as the registry names it."""
        name, team = type(self._app.screen).__name__, (Place.TEAM,) if self._app.desk.state.in_team else ()
        here = {
            "GroupScreen": (Place.GROUP,),
            "ApprovalScreen": (Place.APPROVAL, Place.OPERATION),
            "ThresholdScreen": (Place.THRESHOLDS,),
            "JournalScreen": (Place.JOURNAL,),
            "AskScreen": (Place.ASKING,),
        }.get(name, (Place.DASHBOARD,))
        return (*here, *team)

    def commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action of the present screen by its words."""
        here = {*self.places(), Place.EVERYWHERE}
        for action in ACTIONS:
            if here & set(action.places) and isinstance(screen, Screen):
                yield SystemCommand(
                    f"{action.name.replace('_', ' ')}: {action.words}",
                    action.danger.value,
                    partial(screen.run_action, action.name),
                    discover=True,
                )
        if not isinstance(screen, DashboardScreen):
            yield SystemCommand("Back to the dashboard", "only shows", self._app.pop_screen)
