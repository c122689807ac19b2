"""Keeping thresholds: writing an edited matrix into the configuration file, with its comments and its order kept."""

from __future__ import annotations

import os
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.settings.model import SettingsError
from nodescaler_tui.settings.thresholds import DEFAULT_SCOPE, read_thresholds


def keep_thresholds(path: Path, scope: str, matrix: ThresholdMatrix) -> None:
    """Write this group's matrix, or the default of all under "", into the file. Raises SettingsError.

    Only what differs is written; every other line stays as it is. The file is replaced as a whole, so that a crash
    leaves the old one or the new one.
    """
    import tomlkit  # noqa: PLC0415 - only for whoever keeps an edit
    from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415

    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        document = tomlkit.parse(text)
        read_thresholds(document.unwrap().get("thresholds", {}), path)
        table = document.setdefault("thresholds", tomlkit.table())
        base = ThresholdMatrix()
        if scope != DEFAULT_SCOPE:
            base = read_thresholds(document.unwrap()["thresholds"], path)[DEFAULT_SCOPE]
            table = table.setdefault(scope, tomlkit.table())
        _update(table, matrix, base)
        written = tomlkit.dumps(document)
        _check(tomlkit.parse(written).unwrap()["thresholds"], scope, matrix, path)
        _replace(path, written)
    except TOMLKitError as error:
        raise SettingsError(f"{path} is not valid TOML, so nothing was written to it: {error}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}.") from error


def _update(table: Any, matrix: ThresholdMatrix, base: ThresholdMatrix) -> None:  # noqa: ANN401 - tomlkit's own tables
    inherited = asdict(base)
    for name, value in asdict(matrix).items():
        written = str(value) if isinstance(value, Decimal) else value
        if name in table:
            if Decimal(str(table[name])) != Decimal(str(written)):
                table[name] = written
        elif value != inherited[name]:
            table.add(name, written)


def _check(section: object, scope: str, matrix: ThresholdMatrix, path: Path) -> None:
    """The file must say what was meant, and the next start must be able to read all of it."""
    try:
        kept = read_thresholds(section, path)[scope]
    except SettingsError as error:
        raise SettingsError(f"Nothing was written, because a group would contradict it. {error}") from error
    if kept != matrix:
        raise SettingsError(f"Nothing was written: {path} would not say what was meant.")


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8") as file:
            beside.chmod(mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
