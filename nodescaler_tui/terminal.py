"""The dashboard on a terminal: settings, the last State for the first paint, and the engine that serves this store."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from pathlib import Path

from nodescaler_tui import first_frame
from nodescaler_tui.engine.order import Order, SimulationOrder
from nodescaler_tui.identity import operator_name, terminal_name
from nodescaler_tui.settings import Settings, SettingsError, Sources, load_settings
from nodescaler_tui.settings.places import make_private, paths_in
from nodescaler_tui.show.preferences import AttentionPreferences, Preferences, QuietHours
from nodescaler_tui.state import State

MISCONFIGURED = 2
NOT_IN_A_BROWSER = "A browser only watches: start nodescaler-tui in a terminal to type what is needed."


def main(arguments: list[str]) -> int:
    """Show the dashboard, or what is still needed before there is anything to show."""
    options = _parser().parse_args(arguments)
    from nodescaler_tui.show.run import NOT_A_TERMINAL, unusable_terminal  # noqa: PLC0415 - after `--help`

    try:
        settings = load_settings(sources_from(options))
    except SettingsError as error:
        first_frame.withdraw()
        sys.stderr.write(f"{error}\n")
        return MISCONFIGURED
    problem = unusable_terminal()
    if problem:
        sys.stderr.write(f"{problem}\n")
        return NOT_A_TERMINAL
    return _configured(settings, options) if not settings.missing() else _first_run(settings, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nodescaler-tui", description="The dashboard.")
    add_settings_options(parser)
    add_metrics_option(parser)
    return parser


def add_metrics_option(parser: argparse.ArgumentParser) -> None:
    """For the front ends that stay: where the engine answers as OpenMetrics meanwhile."""
    parser.add_argument("--metrics", metavar="HOST:PORT", help="serve metrics there, such as 127.0.0.1:9464")


def add_settings_options(parser: argparse.ArgumentParser) -> None:
    """Options that every front end shares."""
    parser.add_argument("--config", type=Path, help="another configuration file")
    parser.add_argument("--theme", help="the theme's name")
    parser.add_argument("--read-only", action="store_true", help="watch only: nothing can be approved")
    parser.add_argument("--dry-run", action="store_true", help="do everything but send")


def sources_from(options: argparse.Namespace) -> Sources:
    """Where settings come from, with what the command line said."""
    overrides: dict[str, object] = {}
    if options.theme:
        overrides["show.theme"] = options.theme
    if options.read_only:
        overrides["engine.read_only"] = True
    if options.dry_run:
        overrides["engine.dry_run"] = True
    if getattr(options, "metrics", None):
        overrides["metrics.listen"] = options.metrics
    return Sources(config_file=options.config, overrides=overrides)


def _first_run(settings: Settings, options: argparse.Namespace) -> int:
    first_frame.withdraw()
    from nodescaler_tui.first_run.setup import FirstRunSetup  # noqa: PLC0415 - not once everything is set
    from nodescaler_tui.show.run import run_first  # noqa: PLC0415
    from nodescaler_tui.show.setup import Choice  # noqa: PLC0415

    locked = NOT_IN_A_BROWSER if os.environ.get("TEXTUAL_DRIVER") else ""
    choice, code = run_first(
        FirstRunSetup(lambda: sources_from(options), settings, locked),
        preferences=preferences_from(settings),
        crash_file=settings.paths.state_dir / "crash.txt",
    )
    if choice is Choice.DEMO:
        return show(Order(demo_settings(settings), SimulationOrder()))
    return _configured(load_settings(sources_from(options)), options) if choice is Choice.DASHBOARD else code


def _configured(settings: Settings, _: argparse.Namespace) -> int:
    return show(Order(settings))


def show(order: Order) -> int:
    """The dashboard on what this order watches, until the operator leaves."""
    from nodescaler_tui.engine.attached import AttachedEngine  # noqa: PLC0415
    from nodescaler_tui.engine.kept_state import last_state  # noqa: PLC0415
    from nodescaler_tui.show.run import run  # noqa: PLC0415

    settings = order.settings
    try:
        make_private(settings.paths.runtime_dir)
        make_private(settings.paths.state_dir)
    except SettingsError as error:
        first_frame.withdraw()
        sys.stderr.write(f"{error}\n")
        return MISCONFIGURED
    engine = AttachedEngine(order, operator=operator_name(), terminal=terminal_name())
    return run(
        engine,
        initial=State.EMPTY if order.replay is not None else last_state(settings.paths.last_state),
        operator=operator_name(),
        preferences=preferences_from(settings),
        crash_file=settings.paths.state_dir / "crash.txt",
    )


def preferences_from(settings: Settings) -> Preferences:
    """How this operator wants the dashboard."""
    show = settings.show
    return Preferences(
        theme=show.theme,
        user_themes=settings.paths.themes,
        keys=show.keys,
        attention=AttentionPreferences(show.bell, show.desktop_notifications, show.window_title, _quiet(show.quiet)),
    )


def _quiet(written: str) -> QuietHours | None:
    """Quiet hours from two times of day, as the settings have checked them."""
    minutes = [int(clock[:2]) * 60 + int(clock[3:]) for clock in written.split("-") if clock]
    return QuietHours(*minutes) if minutes else None


def demo_settings(settings: Settings) -> Settings:
    """The same settings for the demo: a store of its own, a quick pace, nobody's credentials."""
    state_dir = settings.paths.state_dir / "demo"
    return dataclasses.replace(
        settings,
        observe=dataclasses.replace(settings.observe, poll_every_s=2.0, fresh_for_s=30.0),
        limits=dataclasses.replace(settings.limits, cooldown_s=60.0),
        verify=dataclasses.replace(settings.verify, deadline_s=240.0, interval_s=2.0),
        paths=paths_in(settings.paths.config_file, state_dir, settings.paths.runtime_dir),
        demo=True,
    )
