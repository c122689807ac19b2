"""Freeze windows in the configuration: one `[[freeze]]` each, weekly or dated, with a time zone by its IANA name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nodescaler_tui.decide.freeze import DatedFreeze, FreezeWindow, WeeklyFreeze, WeekTime
from nodescaler_tui.settings.model import FreezeSettings, SettingsError

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIELDS: Final = ("name", "from", "to", "time_zone")
_WEEKLY: Final = re.compile(r"(mon|tue|wed|thu|fri|sat|sun) ([01]?\d|2[0-3]):([0-5]\d)")


def read_freezes(section: object, path: Path) -> tuple[FreezeSettings, ...]:
    """Every window of the file, checked. Raises SettingsError."""
    if isinstance(section, str | Mapping) or not isinstance(section, Sequence):
        raise SettingsError(f"{path}: freeze windows are written as [[freeze]], once for each.")
    return tuple(_checked(entry, f"{path} [[freeze]] {number}") for number, entry in enumerate(section, 1))


def freeze_window(freeze: FreezeSettings, where: str = "freeze") -> FreezeWindow:
    """The window that was described. Raises SettingsError."""
    begins, ends = freeze.begins.lower(), freeze.ends.lower()
    return _window_between(freeze.name, begins, ends, _zone(freeze.time_zone, where), where)


def _checked(entry: object, where: str) -> FreezeSettings:
    if not isinstance(entry, Mapping):
        raise SettingsError(f"{where}: must be a table with {', '.join(FIELDS)}.")
    missing = [name for name in FIELDS if not isinstance(entry.get(name), str) or not entry[name].strip()]
    unknown = [str(name) for name in entry if name not in FIELDS]
    if missing or unknown:
        wrong = f"{missing[0]!r} must be given as text" if missing else f"{unknown[0]!r} is not a setting"
        raise SettingsError(f"{where}: {wrong}; a window has {', '.join(FIELDS)}.")
    freeze = FreezeSettings(*(str(entry[field]).strip() for field in FIELDS))
    freeze_window(freeze, where)
    return freeze


def _window_between(name: str, begins: str, ends: str, zone: ZoneInfo, where: str) -> FreezeWindow:
    weekly = _WEEKLY.fullmatch(begins), _WEEKLY.fullmatch(ends)
    if weekly[0] and weekly[1]:
        return WeeklyFreeze(name, zone, _week_time(weekly[0]), _week_time(weekly[1]))
    dated = _moment(begins, zone), _moment(ends, zone)
    if dated[0] is None or dated[1] is None:
        raise SettingsError(
            f'{where}: from and to are both moments of the week, such as "fri 18:00", '
            'or both dates, such as "2026-12-24 00:00".'
        )
    if dated[0] >= dated[1]:
        raise SettingsError(f"{where}: it ends before it begins.")
    return DatedFreeze(name, dated[0], dated[1])


def _week_time(match: re.Match[str]) -> WeekTime:
    return WeekTime(DAYS.index(match[1]), time(int(match[2]), int(match[3])))


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment


def _zone(name: str, where: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(f"{where}: {name!r} is not a time zone such as Europe/Berlin.") from error
