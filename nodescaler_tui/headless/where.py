"""`nodescaler-tui where`: every path and setting with its value and its origin; of a secret only whether it is set."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import fields
from pathlib import Path

from nodescaler_tui.settings import Settings, SettingsError, Sources, load_settings

MISCONFIGURED = 2


def main(arguments: list[str]) -> int:
    """Print the table, or one JSON document."""
    parser = argparse.ArgumentParser(prog="nodescaler-tui where", description="Every path and setting.")
    parser.add_argument("--config", type=Path, help="another configuration file")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    options = parser.parse_args(arguments)
    try:
        settings = load_settings(Sources(config_file=options.config))
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return MISCONFIGURED
    sys.stdout.write(as_json(settings) if options.json else as_table(settings))
    return 0


def _paths(settings: Settings) -> list[tuple[str, str, str]]:
    return [
        (field.name, str(getattr(settings.paths, field.name)), _state_of(getattr(settings.paths, field.name)))
        for field in fields(settings.paths)
    ]


def _state_of(path: Path) -> str:
    return "exists" if path.exists() else "not there yet"


def as_table(settings: Settings) -> str:
    """Paths first, then settings, in aligned columns."""
    rows = [("path", "where", "state"), *_paths(settings), ("", "", ""), ("setting", "value", "from")]
    rows += [(origin.key, origin.shown, origin.origin) for origin in settings.origins]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return "".join(
        f"{name:<{widths[0]}}  {value:<{widths[1]}}  {origin}".rstrip() + "\n" for name, value, origin in rows
    )


def as_json(settings: Settings) -> str:
    """The same for a program."""
    document = {
        "paths": {name: {"path": path, "state": state} for name, path, state in _paths(settings)},
        "settings": {origin.key: {"value": origin.shown, "from": origin.origin} for origin in settings.origins},
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
