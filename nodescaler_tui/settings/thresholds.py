"""Thresholds in the configuration file: a default matrix, and one for each group that differs."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import asdict, fields
from decimal import Decimal, InvalidOperation
from pathlib import Path

from nodescaler_tui.decide.thresholds import InvalidThresholds, ThresholdMatrix
from nodescaler_tui.settings.model import SettingsError

DEFAULT_SCOPE = ""


def read_thresholds(section: object, path: Path) -> dict[str, ThresholdMatrix]:
    """The default matrix under "" and each group's own, which starts from the default. Raises SettingsError."""
    if not isinstance(section, Mapping):
        raise SettingsError(f"{path}: 'thresholds' must be a section.")
    own = {name: value for name, value in section.items() if not isinstance(value, Mapping)}
    default = _matrix(own, ThresholdMatrix(), "[thresholds]", path)
    groups = {
        str(name): _matrix(value, default, f'[thresholds."{name}"]', path)
        for name, value in section.items()
        if isinstance(value, Mapping)
    }
    return {DEFAULT_SCOPE: default, **groups}


def _matrix(values: Mapping[str, object], base: ThresholdMatrix, where: str, path: Path) -> ThresholdMatrix:
    known = [field.name for field in fields(ThresholdMatrix)]
    for name in values:
        if name not in known:
            nearest = next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.0)), known[0])
            raise SettingsError(f"{path} {where}: {name!r} is not a threshold; the nearest is {nearest!r}.")
    typed = {name: _exact(value) if name == "sessions_per_node" else value for name, value in values.items()}
    try:
        return ThresholdMatrix(**{**asdict(base), **typed})
    except InvalidThresholds as error:
        raise SettingsError(f"{path} {where}: {error}.") from error


def _exact(value: object) -> object:
    """The decimal that was written: TOML reads 1.2 as the nearest binary fraction, its text is what was meant."""
    try:
        return Decimal(str(value)) if not isinstance(value, bool) else value
    except InvalidOperation:
        return value
