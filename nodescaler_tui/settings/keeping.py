"""Keeping: writing what was edited into the configuration file, with its comments and its order kept.

Only what differs is written; every other line stays as it is. The file is replaced as a whole, so that a crash leaves
the old one or the new one. What the next start could not read is not written.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.settings.loading import Sources, settings_from
from nodescaler_tui.settings.model import SettingsError
from nodescaler_tui.settings.thresholds import DEFAULT_SCOPE, read_thresholds


def keep_thresholds(path: Path, scope: str, matrix: ThresholdMatrix) -> None:
    """Write this group's matrix, or the default of all under "", into the file. Raises SettingsError."""
    import tomlkit  # noqa: PLC0415 - only for whoever keeps an edit

    with _refusals_in_words(path):
        document = tomlkit.parse(_text(path))
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


def keep_settings(path: Path, values: Mapping[str, str | int], sources: Sources) -> None:
    """Write these settings, by their keys such as `genesys.region`, into the file. Raises SettingsError.

    `sources` is what the next start will read beside the file. A secret is refused, as it is when the file is read.
    """
    import tomlkit  # noqa: PLC0415 - only for whoever keeps an edit

    with _refusals_in_words(path):
        before = _text(path)
        document = tomlkit.parse(before)
        _check_settings(before, {}, sources, path)
        for key, value in values.items():
            section, _, name = key.partition(".")
            table = document.setdefault(section, tomlkit.table())
            if name not in table or table[name] != value:
                table[name] = value
        written = tomlkit.dumps(document)
        _check_settings(written, values, sources, path)
        if written != before:
            _replace(path, written)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


@contextmanager
def _refusals_in_words(path: Path) -> Iterator[None]:
    """Whatever keeps the file from being read or written, as a sentence."""
    from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415 - only for whoever keeps an edit

    try:
        yield
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


def _check_settings(text: str, values: Mapping[str, str | int], sources: Sources, path: Path) -> None:
    """The file must say what was meant, and be readable both with today's environment and with an empty one."""
    import tomllib  # noqa: PLC0415 - only for whoever keeps an edit

    for environment in ({}, sources.environment):
        try:
            settings_from(text, Sources(environment, path, sources.overrides))
        except SettingsError as error:
            raise SettingsError(f"Nothing was written, because the next start could not read it. {error}") from error
    document = tomllib.loads(text)
    for key, value in values.items():
        section, _, name = key.partition(".")
        if document[section][name] != value:
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
