"""The table of settings: one row each, with its key in the file, its environment variable, its kind and its default."""

from __future__ import annotations

from typing import Final

from nodescaler_tui.decide.two_person import OFF, TIERS
from nodescaler_tui.settings.receivers import RECEIVER_ROWS, words
from nodescaler_tui.settings.row import Row as Row
from nodescaler_tui.settings.row import decimal, flag, listen_address, one_of, quiet_hours, text, whole
from nodescaler_tui.settings.store_url import store_url


def _kept(key: str, default: float, most: float, purpose: str, variable: str) -> Row:
    """For how long one resolution of the history is kept; 0 is not at all."""
    return Row(key, default, decimal(0, most), purpose, variable)


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
    *RECEIVER_ROWS,
    Row("limits.hard_max_nodes", 200, whole(1), "the most nodes that any matrix may allow in this session"),
    Row("limits.nodes_per_step", 50, whole(1), "the most nodes that one step may add"),
    Row("limits.nodes_per_hour", 200, whole(1), "the most nodes that all groups together may add within an hour"),
    Row("limits.cooldown_s", 300.0, decimal(0, 86400), "seconds after a scale-up before the next is proposed"),
    Row("verify.deadline_s", 1200.0, decimal(1, 86400), "seconds that new nodes may take"),
    Row("verify.interval_s", 5.0, decimal(0.2, 600), "seconds between two looks while verifying"),
    Row("verify.consecutive_successes", 3, whole(1, 100), "good samples in a row that prove the breach over"),
    Row("verify.initial_delay_s", 0.0, decimal(0, 86400), "seconds before the first look while verifying"),
    Row("verify.failure_limit", 30, whole(0, 10000), "bad samples, once all nodes have joined, after which it failed"),
    Row("verify.count", 120, whole(1, 10000), "samples after which it is inconclusive"),
    Row("audit.signing_key_file", "", text, "a key that signs the journal's heads", "NODESCALER_SIGNING_KEY_FILE"),
    Row("store.url", "", store_url, "a team's shared store, postgresql://host/database", "NODESCALER_STORE_URL"),
    Row("two_person.from_tier", OFF, one_of(OFF, *TIERS), "two people from this tier on: key, number, name, or off"),
    Row("two_person.groups", (), words, "ids of groups whose every plan takes two people"),
    Row("history.keep", "true", flag, "keep every reading in a file of its own", "NODESCALER_HISTORY"),
    _kept("history.raw_hours", 24.0, 24 * 366, "hours for which each poll is kept", "NODESCALER_HISTORY_RAW_HOURS"),
    _kept("history.minute_days", 8.0, 3660, "days of one-minute bins", "NODESCALER_HISTORY_MINUTE_DAYS"),
    _kept("history.five_minute_days", 30.0, 3660, "days of five-minute bins", "NODESCALER_HISTORY_FIVE_MINUTE_DAYS"),
    _kept("history.quarter_hour_days", 90.0, 3660, "days of quarter-hour bins", "NODESCALER_HISTORY_QUARTER_HOUR_DAYS"),
    Row("forecast.propose_ahead", (), words, "ids of groups for which a plan may be made on a forecast alone"),
    Row("forecast.boot_s", 300.0, decimal(0, 3300), "seconds new nodes are assumed to take until they were timed"),
    Row("forecast.false_pages_a_day", 1.0, decimal(0, 1000), "false alerts a day in the whole fleet"),
    Row("metrics.listen", "", listen_address, "answer as OpenMetrics at HOST:PORT", "NODESCALER_METRICS"),
    Row("engine.read_only", "false", flag, "watch only: nothing can be approved", "NODESCALER_READ_ONLY"),
    Row("engine.dry_run", "false", flag, "do everything but send", "NODESCALER_DRY_RUN"),
    Row("show.theme", "dark", text, "the theme's name", "NODESCALER_THEME"),
    Row("show.bell", "true", flag, "ring the terminal's bell when a group turns critical", "NODESCALER_BELL"),
    Row("show.desktop_notifications", "true", flag, "tell the desktop through the terminal (OSC 9 and 777)"),
    Row("show.window_title", "true", flag, "name the window after the worst state"),
    Row("show.quiet", "", quiet_hours, "no bell and no notification between these times, such as 22:00-07:00"),
)

BY_KEY: Final = {row.key: row for row in ROWS}
