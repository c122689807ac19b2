"""Receivers in the configuration: the rows that describe one, for `[receiver]` and for each `[receivers.NAME]`.

A secret is named by its source and read where it is used; only one that was given directly is a value here.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from nodescaler_tui.settings.model import Origin, ReceiverSettings, SecretSettings, SettingsError
from nodescaler_tui.settings.row import Row, decimal, flag, one_of, text

SOURCES: Final = ("env", "file", "command", "keyring", "value")
REPEATS: Final = ("deduplicates", "absolute", "fires")
ONLY_HERE: Final = frozenset({"use", "name"})


def secret_source(value: object) -> SecretSettings:
    """One source: { env = "NAME" }, { file = "PATH" }, { command = ["…"] }, { keyring = "SERVICE", user = "…" }."""
    if not isinstance(value, Mapping):
        raise ValueError('must be a source such as { env = "NAME" } or { file = "PATH" }')
    kinds = [name for name in SOURCES if name in value]
    if len(kinds) != 1:
        raise ValueError(f"must name one source, which is one of {', '.join(SOURCES)}")
    known = {kinds[0], *_EXTRAS.get(kinds[0], ())}
    unknown = sorted(set(value) - known)
    if unknown:
        raise ValueError(f"has {unknown[0]!r}, which does not go with {kinds[0]}")
    return _source(kinds[0], value)


def _source(kind: str, value: Mapping[str, object]) -> SecretSettings:
    if kind == "command":
        command = words(value["command"])
        if not command:
            raise ValueError('must be a command with its arguments, such as ["pass", "show", "scaler"]')
        return SecretSettings(kind, command=command, timeout_s=decimal(0.1, 60)(value.get("timeout_s", 5.0)))
    written = text(value[kind])
    if not written:
        raise ValueError(f"has an empty {kind}")
    if kind == "value":
        return SecretSettings(kind, value=written)
    if kind == "keyring":
        return SecretSettings(kind, written, user=text(value.get("user", "")))
    return SecretSettings(kind, written)


_EXTRAS: Final = {"command": ("timeout_s",), "keyring": ("user",)}


def secret_sources(value: object) -> tuple[SecretSettings, ...]:
    """Several sources, the newest secret first."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError('must be a list of sources, such as [{ env = "NAME" }]')
    return tuple(secret_source(entry) for entry in value)


def optional_source(value: object) -> SecretSettings | None:
    """One source, or none."""
    return None if value == "" else secret_source(value)


def words(value: object) -> tuple[str, ...]:
    """A list of texts; in the environment with commas between them."""
    entries = [entry.strip() for entry in value.split(",")] if isinstance(value, str) else value
    if not isinstance(entries, Sequence) or not all(isinstance(entry, str) for entry in entries):
        raise ValueError("must be a list of texts in quotes")
    return tuple(entry for entry in entries if entry)


def parameters(value: object) -> tuple[tuple[str, str], ...]:
    """What a profile asks for by name."""
    if not isinstance(value, Mapping) or not all(isinstance(entry, str) for entry in value.values()):
        raise ValueError('must be a table of texts, such as { workspace_id = "ws-1" }')
    return tuple(sorted((str(name), str(entry)) for name, entry in value.items()))


def repeats(value: object) -> str:
    """What the receiver does with a repeat; empty for what its profile says."""
    return "" if value == "" else one_of(*REPEATS)(value)


def _row(name: str, default: object, read: Callable[[object], object], purpose: str, variable: str = "") -> Row:
    return Row(f"receiver.{name}", default, read, purpose, variable, secret=name in {"url", "token"})


RECEIVER_ROWS: Final = (
    _row("use", "", text, "which of [receivers.NAME] is used; empty for this one", "NODESCALER_RECEIVER"),
    _row("name", "webhook", text, "what the receiver is called on screen"),
    _row("profile", "plain", text, "its kind, or the path of a .toml file of your own"),
    _row("url", "", text, "where approved payloads are sent", "EXTERNAL_SCALER_WEBHOOK"),
    _row("url_from", "", optional_source, "a source of the URL, when it holds a secret"),
    _row("token", "", text, "a token for the receiver", "EXTERNAL_SCALER_TOKEN"),
    _row("token_file", "", text, "a file that holds the token"),
    _row("secrets", (), secret_sources, "sources of its secrets, the newest first"),
    _row("allow_secret_in_file", "false", flag, "whether this file itself may hold its secrets"),
    _row("repeats", "", repeats, "what it does with a repeat; empty as its profile says", "EXTERNAL_SCALER_REPEATS"),
    _row("timeout_s", 15.0, decimal(1, 120), "seconds to wait for the receiver's answer"),
    _row("allow_hosts", (), words, "hosts that may have private addresses", "EXTERNAL_SCALER_ALLOW_HOSTS"),
    _row("ca_file", "", text, "authorities to trust instead of the usual ones, PEM"),
    _row("client_certificate", "", text, "our own certificate, PEM"),
    _row("client_key", "", text, "its key, PEM, unless it is in the same file"),
    _row("allows_scale_down", "false", flag, "whether it may be asked for fewer nodes, to take a scale-up back"),
    _row("parameters", {}, parameters, "what the profile asks for by name"),
)
_BY_NAME: Final = {row.key.partition(".")[2]: row for row in RECEIVER_ROWS}


def receiver_from_values(values: Mapping[str, Any], *, url_in_file: bool, folder: Path, where: str) -> ReceiverSettings:
    """One receiver from the values of its rows. Raises SettingsError when the file holds a secret unasked."""
    profile = values["profile"]
    if profile.endswith(".toml"):
        profile = str(folder / Path(profile).expanduser())
    if any(source.kind == "value" for source in _sources(values)) and not values["allow_secret_in_file"]:
        raise SettingsError(
            f'{where} holds a secret. Name its source instead, such as {{ env = "NAME" }}, '
            "or set allow_secret_in_file = true."
        )
    file = (SecretSettings("file", values["token_file"]),) if values["token_file"] and not values["token"] else ()
    names = ("url", "url_from", "token", "repeats", "timeout_s", "allow_hosts", "parameters", "allows_scale_down")
    return ReceiverSettings(
        name=values["name"],
        **{name: values[name] for name in names},
        profile=profile,
        secrets=(*file, *values["secrets"]),
        url_in_file=url_in_file and not values["allow_secret_in_file"],
        ca_file=values["ca_file"],
        client_certificate=values["client_certificate"],
        client_key=values["client_key"],
    )


def _sources(values: Mapping[str, Any]) -> tuple[SecretSettings, ...]:
    return (*values["secrets"], *((values["url_from"],) if values["url_from"] else ()))


def read_receivers(section: object, path: Path) -> dict[str, ReceiverSettings]:
    """Every `[receivers.NAME]` of the file. Raises SettingsError."""
    if not isinstance(section, Mapping) or not all(isinstance(table, Mapping) for table in section.values()):
        raise SettingsError(f"{path}: 'receivers' must hold tables, such as [receivers.production].")
    return {str(name): _read_table(str(name), table, path) for name, table in section.items()}


def _read_table(name: str, table: Mapping[str, object], path: Path) -> ReceiverSettings:
    where = f"{path} [receivers.{name}]"
    known = [entry for entry in _BY_NAME if entry not in ONLY_HERE]
    for entry in table:
        if entry not in known:
            nearest = next(iter(difflib.get_close_matches(entry, known, n=1, cutoff=0.0)))
            raise SettingsError(f"{where}: {entry!r} is not a setting; the nearest is {nearest!r}.")
    if "token" in table and table.get("allow_secret_in_file") is not True:
        raise SettingsError(f"{where}: 'token' is a secret; use secrets = [{{ env = \"NAME\" }}] or another source.")
    values: dict[str, Any] = {"name": name}
    for entry in known:
        try:
            values[entry] = _BY_NAME[entry].read(table.get(entry, _BY_NAME[entry].default))
        except ValueError as error:
            raise SettingsError(f"{where}: {entry} {error}.") from error
    return receiver_from_values(values, url_in_file="url" in table, folder=path.parent, where=where)


def origins_of(receivers: Mapping[str, ReceiverSettings], path: Path) -> tuple[Origin, ...]:
    """Each named receiver in one line, without its secrets."""
    return tuple(
        Origin(f"receivers.{name}", in_words(receiver), f"{path.name} receivers.{name}")
        for name, receiver in receivers.items()
    )


def in_words(receiver: ReceiverSettings) -> str:
    """A receiver as it may be shown: its profile, its host and where its secrets come from."""
    sources = [*(["given directly"] if receiver.token else []), *(source.description for source in receiver.secrets)]
    secrets = f", secret from {' and '.join(sources)}" if sources else ""
    return f"{receiver.profile} at {_place(receiver)}{secrets}"


def _place(receiver: ReceiverSettings) -> str:
    if receiver.url_from is not None:
        return f"a URL from {receiver.url_from.description}"
    try:
        return urlsplit(receiver.url).hostname or "no URL"
    except ValueError:
        return "an unreadable URL"
