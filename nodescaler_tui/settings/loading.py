"""Loading: command line over environment over file over default, with unknown keys refused by name."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.settings.freezes import read_freezes
from nodescaler_tui.settings.model import (
    AuditSettings,
    DeclaredSettings,
    EngineSettings,
    ForecastSettings,
    GenesysSettings,
    HistorySettings,
    LimitSettings,
    MetricsSettings,
    ObserveSettings,
    Origin,
    Paths,
    ReceiverSettings,
    Settings,
    SettingsError,
    ShowSettings,
    StoreSettings,
    TwoPersonSettings,
    VerifySettings,
)
from nodescaler_tui.settings.places import find_paths
from nodescaler_tui.settings.receivers import RECEIVER_ROWS, origins_of, read_receivers, receiver_from_values
from nodescaler_tui.settings.table import BY_KEY, ROWS, Row
from nodescaler_tui.settings.thresholds import read_thresholds


@dataclass(frozen=True, slots=True)
class Sources:
    """Where settings come from: a file, the environment, and what the command line said."""

    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    config_file: Path | None = None
    overrides: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Found:
    value: Any
    origin: str


def load_settings(sources: Sources | None = None) -> Settings:
    """Everything that is set. Raises SettingsError with a sentence that names the place and the way out."""
    sources = sources or Sources()
    path = find_paths(sources.environment, sources.config_file).config_file
    return settings_from(_file_text(path, must_exist=sources.config_file is not None), sources)


def settings_from(text: str, sources: Sources) -> Settings:
    """Everything that would be set if the configuration file held this text. Raises SettingsError."""
    paths = find_paths(sources.environment, sources.config_file)
    document = _document(text, paths.config_file)
    thresholds = read_thresholds(document.pop("thresholds", {}), paths.config_file)
    freezes = read_freezes(document.pop("freeze", []), paths.config_file)
    keys = _read_keys(document.pop("keys", {}), paths.config_file)
    named = read_receivers(document.pop("receivers", {}), paths.config_file)
    in_file = _flattened(document, paths.config_file)
    found = {row.key: _find(row, in_file, sources, paths.config_file) for row in ROWS}
    _fill_from_file(found)
    own = _own_receiver(found, paths.config_file)
    if own.name in named:
        raise SettingsError(f"{paths.config_file}: [receiver] and [receivers.{own.name}] have the same name.")
    receivers = {own.name: own, **named}
    settings = _assembled(found, thresholds, _used_receiver(found, receivers), paths, keys)
    origins = (*settings.origins, *origins_of(named, paths.config_file))
    return replace(settings, receivers=receivers, freezes=freezes, origins=origins)


def _file_text(path: Path, *, must_exist: bool) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if must_exist:
            raise SettingsError(f"The configuration file {path} does not exist.") from None
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The configuration file {path} cannot be read: {error}.") from error


def _document(text: str, path: Path) -> dict[str, Any]:
    if not text:
        return {}
    import tomllib  # noqa: PLC0415 - most starts have no configuration file

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.") from error


def _flattened(document: Mapping[str, Any], path: Path) -> dict[str, object]:
    flat: dict[str, object] = {}
    for section, entries in document.items():
        if not isinstance(entries, Mapping):
            raise SettingsError(f"{path}: {section!r} must be a section, such as [{_nearest(section, _sections())}].")
        for name, value in entries.items():
            key = f"{section}.{name}"
            if key not in BY_KEY:
                nearest = _nearest(key, list(BY_KEY))
                raise SettingsError(f"{path}: {key!r} is not a setting; the nearest is {nearest!r}.")
            if BY_KEY[key].secret and not _may_be_in_file(key, entries):
                raise SettingsError(
                    f"{path}: {key!r} is a secret and does not belong in this file. "
                    f"Set {BY_KEY[key].variable} in the environment, or name a file in {key}_file."
                )
            flat[key] = value
    return flat


def _read_keys(section: object, path: Path) -> dict[str, str]:
    """The operator's own keys by the name of the action; the dashboard says which it does not know."""
    if not isinstance(section, Mapping) or not all(isinstance(keys, str) and keys for keys in section.values()):
        raise SettingsError(f'{path}: [keys] holds lines such as approve = "A".')
    return {str(name): str(keys) for name, keys in section.items()}


def _may_be_in_file(key: str, entries: Mapping[str, object]) -> bool:
    """A receiver's URL is a secret only with some profiles, which say so later; its token where it was asked for."""
    return key == "receiver.url" or (key == "receiver.token" and entries.get("allow_secret_in_file") is True)


def _sections() -> list[str]:
    return sorted({row.key.partition(".")[0] for row in ROWS} | {"freeze", "keys", "receivers", "thresholds"})


def _nearest(name: str, choices: list[str]) -> str:
    return next(iter(difflib.get_close_matches(name, choices, n=1, cutoff=0.0)), choices[0])


def _find(row: Row, in_file: Mapping[str, object], sources: Sources, path: Path) -> _Found:
    raw, origin = row.default, "default"
    if row.key in sources.overrides:
        raw, origin = sources.overrides[row.key], "command line"
    elif row.variable and sources.environment.get(row.variable):
        raw, origin = sources.environment[row.variable], f"environment {row.variable}"
    elif row.key in in_file:
        raw, origin = in_file[row.key], f"{path.name} {row.key}"
    try:
        return _Found(row.read(raw), origin)
    except ValueError as error:
        raise SettingsError(f"{row.key} (from {origin}) {error}.") from error


def _fill_from_file(found: dict[str, _Found]) -> None:
    """The client secret where it is kept in a file of its own, unless it was given directly."""
    name = found["genesys.client_secret_file"].value
    if not name or found["genesys.client_secret"].value:
        return
    try:
        secret = Path(name).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"genesys.client_secret_file {name} cannot be read: {type(error).__name__}.") from error
    found["genesys.client_secret"] = _Found(secret, f"file {name}")


def _own_receiver(found: Mapping[str, _Found], path: Path) -> ReceiverSettings:
    """The receiver that `[receiver]` and the tutorial's variables describe."""
    values = {row.key.partition(".")[2]: found[row.key].value for row in RECEIVER_ROWS}
    url_in_file = found["receiver.url"].origin.startswith(f"{path.name} ")
    return receiver_from_values(values, url_in_file=url_in_file, folder=path.parent, where=f"{path} [receiver]")


def _used_receiver(found: Mapping[str, _Found], receivers: Mapping[str, ReceiverSettings]) -> ReceiverSettings:
    """The receiver that was chosen by name, else that of `[receiver]`."""
    chosen = found["receiver.use"]
    name = chosen.value or found["receiver.name"].value
    if name not in receivers:
        raise SettingsError(f"receiver.use (from {chosen.origin}): {name!r} is none of {', '.join(receivers)}.")
    return receivers[name]


def _assembled(
    found: Mapping[str, _Found],
    thresholds: Mapping[str, ThresholdMatrix],
    receiver: ReceiverSettings,
    paths: Paths,
    keys: Mapping[str, str],
) -> Settings:
    def section(name: str, *fields: str) -> dict[str, Any]:
        return {entry: found[f"{name}.{entry}"].value for entry in fields}

    return Settings(
        genesys=GenesysSettings(**section("genesys", "region", "gateway", "client_id", "client_secret", "status_page")),
        observe=ObserveSettings(
            **section(
                "observe", "poll_every_s", "stale_after_polls", "fresh_for_s", "least_fresh_share", "budget_share"
            )
        ),
        declared=DeclaredSettings(**section("declared", "node_group_id", "queue_id", "current_nodes")),
        receiver=receiver,
        limits=LimitSettings(**section("limits", "hard_max_nodes", "nodes_per_step", "nodes_per_hour", "cooldown_s")),
        verify=VerifySettings(**section("verify", *(field.name for field in fields(VerifySettings)))),
        audit=AuditSettings(**section("audit", "signing_key_file")),
        history=HistorySettings(**section("history", *(field.name for field in fields(HistorySettings)))),
        forecast=ForecastSettings(**section("forecast", *(field.name for field in fields(ForecastSettings)))),
        metrics=MetricsSettings(**section("metrics", "listen")),
        store=StoreSettings(**section("store", "url")),
        two_person=_two_person(TwoPersonSettings(**section("two_person", "from_tier", "groups")), found["store.url"]),
        engine=EngineSettings(**section("engine", "read_only", "dry_run")),
        show=ShowSettings(
            **section("show", "theme", "bell", "desktop_notifications", "window_title", "quiet"), keys=keys
        ),
        thresholds=thresholds,
        paths=paths,
        origins=tuple(Origin(row.key, _shown(row, found[row.key]), found[row.key].origin) for row in ROWS),
    )


def _two_person(own: TwoPersonSettings, store: _Found) -> TwoPersonSettings:
    """With a shared store the rule is the store's, so that no host can leave it out. Raises SettingsError."""
    if store.value and own != TwoPersonSettings():
        raise SettingsError(
            f"[two_person] does not count where a store is shared (store.url, from {store.origin}). Take it out; the "
            "store's owner sets the rule for all, with `nodescaler-tui store two-person`."
        )
    return own


def _shown(row: Row, found: _Found) -> str:
    if row.secret:
        return "set" if found.value else "not set"
    if isinstance(found.value, tuple):
        return ", ".join(map(_entry, found.value)) or "–"
    return str(found.value) if found.value not in {"", None} else "–"


def _entry(value: object) -> str:
    return " = ".join(map(str, value)) if isinstance(value, tuple) else str(value)
