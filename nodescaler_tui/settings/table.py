"""The table of settings: one row each, with its key in the file, its environment variable, its kind and its default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Row:
    """One setting. `read` turns text or a TOML value into the typed value and raises ValueError with a sentence."""

    key: str
    default: object
    read: Callable[[object], object]
    purpose: str
    variable: str = ""
    secret: bool = False


def text(value: object) -> str:
    """Any text."""
    if not isinstance(value, str):
        raise ValueError("must be text in quotes")
    return value


def whole(least: int, most: int = 10**9) -> Callable[[object], int]:
    """A whole number within bounds."""

    def read(value: object) -> int:
        try:
            number = int(value) if isinstance(value, str) else value
        except ValueError:
            raise ValueError("must be a whole number") from None
        if not isinstance(number, int) or isinstance(number, bool):
            raise ValueError("must be a whole number")
        if not least <= number <= most:
            raise ValueError(f"must be at least {least}" if number < least else f"must be at most {most}")
        return number

    return read


def decimal(least: float, most: float = 1e9) -> Callable[[object], float]:
    """A number within bounds."""

    def read(value: object) -> float:
        try:
            number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
        except ValueError:
            number = None
        if number is None or not least <= number <= most:
            raise ValueError(f"must be a number from {least:g} to {most:g}")
        return number

    return read


def flag(value: object) -> bool:
    """True or false; in the environment 1, true, yes or on."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"1", "true", "yes", "on"}:
        return True
    if isinstance(value, str) and value.lower() in {"", "0", "false", "no", "off"}:
        return False
    raise ValueError("must be true or false")


def one_of(*choices: str) -> Callable[[object], str]:
    """One of these words."""

    def read(value: object) -> str:
        if value not in choices or not isinstance(value, str):
            raise ValueError(f"must be one of {', '.join(choices)}")
        return value

    return read


ROWS: Final = (
    Row("genesys.region", "mypurecloud.com", text, "region by name or host, such as eu-west-1", "GENESYS_ENV"),
    Row("genesys.gateway", "", text, "another address for login and API, http://host:port", "GENESYS_GATEWAY"),
    Row("genesys.client_id", "", text, "the OAuth client's id", "GENESYS_CLIENT_ID"),
    Row("genesys.client_secret", "", text, "the OAuth client's secret", "GENESYS_CLIENT_SECRET", secret=True),
    Row("genesys.client_secret_file", "", text, "a file that holds the secret"),
    Row("genesys.scopes", "", text, "accepted from the tutorial and not used: permissions decide", "GENESYS_SCOPES"),
    Row("genesys.status_page", "https://status.mypurecloud.com", text, "the vendor's status page, empty for none"),
    Row("observe.poll_every_s", 10.0, decimal(1, 3600), "seconds between two polls", "NODESCALER_POLL_EVERY"),
    Row("observe.stale_after_polls", 3, whole(1, 100), "polls after which a signal is stale"),
    Row("observe.fresh_for_s", 90.0, decimal(1, 3600), "seconds for which a node's sample counts as fresh"),
    Row("observe.least_fresh_share", 0.5, decimal(0.01, 1), "share of nodes that must have a fresh sample"),
    Row("observe.budget_share", 0.5, decimal(0.01, 1), "share of the request limit that may be used"),
    Row("declared.node_group_id", "mgmt-media-prod-01", text, "the node group to scale", "NODE_GROUP_ID"),
    Row("declared.queue_id", "", text, "the queue that feeds a declared group", "MEDIA_QUEUE_ID"),
    Row("declared.current_nodes", 10, whole(0), "nodes that a declared group has", "CURRENT_NODES"),
    Row("receiver.name", "webhook", text, "what the receiver is called on screen"),
    Row("receiver.url", "", text, "where approved payloads are sent", "EXTERNAL_SCALER_WEBHOOK", secret=True),
    Row("receiver.token", "", text, "a bearer token for the receiver", "EXTERNAL_SCALER_TOKEN", secret=True),
    Row("receiver.token_file", "", text, "a file that holds the bearer token"),
    Row(
        "receiver.repeats",
        "fires",
        one_of("deduplicates", "absolute", "fires"),
        "what the receiver does when the same request comes twice",
        "EXTERNAL_SCALER_REPEATS",
    ),
    Row("receiver.timeout_s", 15.0, decimal(1, 120), "seconds to wait for the receiver's answer"),
    Row("limits.hard_max_nodes", 200, whole(1), "the most nodes that any matrix may allow in this session"),
    Row("limits.cooldown_s", 300.0, decimal(0, 86400), "seconds after a scale-up before the next is proposed"),
    Row("verify.deadline_s", 1200.0, decimal(1, 86400), "seconds that new nodes may take"),
    Row("verify.interval_s", 5.0, decimal(0.2, 600), "seconds between two looks while verifying"),
    Row("verify.consecutive_successes", 3, whole(1, 100), "good samples in a row that prove the breach over"),
    Row("engine.read_only", "false", flag, "watch only: nothing can be approved", "NODESCALER_READ_ONLY"),
    Row("engine.dry_run", "false", flag, "do everything but send", "NODESCALER_DRY_RUN"),
    Row("show.theme", "dark", text, "the theme's name", "NODESCALER_THEME"),
)

BY_KEY: Final = {row.key: row for row in ROWS}
