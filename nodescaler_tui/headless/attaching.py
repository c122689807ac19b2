"""Attaching without a screen: to the engine that serves this store, or to one that is started for it."""

from __future__ import annotations

import argparse
import sys

from nodescaler_tui.engine.attached import AttachedEngine
from nodescaler_tui.engine.order import Order
from nodescaler_tui.identity import operator_name, terminal_name
from nodescaler_tui.settings import Settings, load_settings
from nodescaler_tui.settings.places import make_private
from nodescaler_tui.terminal import sources_from


def settings_to_watch(options: argparse.Namespace) -> Settings | None:
    """The settings, or None after it was said what is still needed. Raises SettingsError."""
    settings = load_settings(sources_from(options))
    missing = settings.missing()
    if missing:
        wanted = "".join(f"  {name}  {purpose}\n" for name, purpose in missing)
        sys.stderr.write(f"Still needed:\n{wanted}`nodescaler-tui check` tells more.\n")
        return None
    make_private(settings.paths.runtime_dir)
    make_private(settings.paths.state_dir)
    return settings


def attached(settings: Settings) -> AttachedEngine:
    """The engine as a terminal sees it."""
    return AttachedEngine(Order(settings, None), operator=operator_name(), terminal=terminal_name())
