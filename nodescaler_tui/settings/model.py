"""What can be set, as typed frozen values. Fields that hold a secret are left out of every repr."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.decide.two_person import OFF


class SettingsError(ValueError):
    """A setting that cannot be used: which one, where it came from, and what to write instead."""


@dataclass(frozen=True, slots=True)
class GenesysSettings:
    """How to reach Genesys Cloud. `gateway` replaces both the login and the API host, for a proxy or a simulator."""

    region: str
    gateway: str
    client_id: str
    client_secret: str = field(repr=False)
    status_page: str


@dataclass(frozen=True, slots=True)
class ObserveSettings:
    """How often to look, and how old or sparse a sample may be before it is no longer believed."""

    poll_every_s: float
    stale_after_polls: int
    fresh_for_s: float
    least_fresh_share: float
    budget_share: float

    @property
    def staleness_limit_s(self) -> float:
        """The age from which on a signal is stale: so many polls, and never less than a sample's own freshness."""
        return max(self.poll_every_s * self.stale_after_polls, self.fresh_for_s)


@dataclass(frozen=True, slots=True)
class DeclaredSettings:
    """The tutorial's set-up: a node group that Genesys does not list, with a queue that feeds it."""

    node_group_id: str
    queue_id: str
    current_nodes: int


@dataclass(frozen=True, slots=True)
class SecretSettings:
    """Where a secret comes from: `kind` is env, file, command, keyring or value, `place` its name there."""

    kind: str
    place: str = ""
    user: str = ""
    command: tuple[str, ...] = field(default=(), repr=False)
    value: str = field(default="", repr=False)
    timeout_s: float = 5.0

    @property
    def description(self) -> str:
        """The source as it may be shown; of a command only the program."""
        return "this file" if self.kind == "value" else f"{self.kind} {self.place or self.command[0]}"

    def __str__(self) -> str:
        return self.description


@dataclass(frozen=True, slots=True)
class ReceiverSettings:
    """Where approved payloads go. The URL may hold a secret in its path or query.

    `url_in_file` says that the URL is written in the configuration file, which is not allowed to hold secrets.
    An empty `repeats` is what the profile says.
    """

    name: str
    url: str = field(repr=False)
    token: str = field(repr=False)
    repeats: str
    timeout_s: float
    profile: str = "plain"
    url_from: SecretSettings | None = None
    url_in_file: bool = False
    secrets: tuple[SecretSettings, ...] = ()
    allow_hosts: tuple[str, ...] = ()
    ca_file: str = ""
    client_certificate: str = ""
    client_key: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    allows_scale_down: bool = False


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """What no operator can exceed without breaking the glass."""

    hard_max_nodes: int
    nodes_per_step: int
    nodes_per_hour: int
    cooldown_s: float


@dataclass(frozen=True, slots=True)
class FreezeSettings:
    """A time in which nothing may be approved: from and to, as written, by the wall clock of a time zone."""

    name: str
    begins: str
    ends: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class VerifySettings:
    """How long new nodes may take, and how many samples decide, in Argo's vocabulary."""

    deadline_s: float
    interval_s: float
    consecutive_successes: int
    initial_delay_s: float
    failure_limit: int
    count: int


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """With what the journal's heads are signed; empty for not at all."""

    signing_key_file: str


@dataclass(frozen=True, slots=True)
class HistorySettings:
    """Whether every reading is kept, and for how long at which resolution; 0 is not at all."""

    keep: bool = True
    raw_hours: float = 24.0
    minute_days: float = 8.0
    five_minute_days: float = 30.0
    quarter_hour_days: float = 90.0


@dataclass(frozen=True, slots=True)
class ForecastSettings:
    """What may follow from a forecast: for which groups, by their ids, a plan may be made on it alone.

    `boot_s` is how long new nodes are assumed to take where no scale-up was measured, in seconds; `false_pages_a_day`
    is how many false alerts the operator allows in the whole fleet.
    """

    propose_ahead: tuple[str, ...] = ()
    boot_s: float = 300.0
    false_pages_a_day: float = 1.0


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where a team's shared store is, postgresql://…; empty for this user's own files. It never holds a password."""

    url: str = ""


@dataclass(frozen=True, slots=True)
class TwoPersonSettings:
    """Which plans take two people where no store is shared: from which tier on, `off` for none, and of which groups."""

    from_tier: str = OFF
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """Where the engine answers as OpenMetrics, HOST:PORT; empty for nowhere."""

    listen: str = ""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What this engine may do at all."""

    read_only: bool
    dry_run: bool


@dataclass(frozen=True, slots=True)
class ShowSettings:
    """How it looks, and in which ways it may call for attention; `quiet` is two times of day, or empty."""

    theme: str
    bell: bool = True
    desktop_notifications: bool = True
    window_title: bool = True
    quiet: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Paths:
    """Every place on disk. The state and runtime folders are readable by this user only."""

    config_file: Path
    state_dir: Path
    runtime_dir: Path
    journal: Path
    witness: Path
    last_state: Path
    first_frame: Path
    history: Path
    waits: Path
    holders: Path
    engine_log: Path
    exports: Path
    recordings: Path
    socket: Path
    themes: Path


@dataclass(frozen=True, slots=True)
class Origin:
    """One setting as `where` prints it; a secret's value is only ever "set" or "not set"."""

    key: str
    shown: str
    origin: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that was set. `thresholds` holds the default matrix under "" and others under their group's id.

    `receiver` is the one that is used, `receivers` all that are configured by name.
    """

    genesys: GenesysSettings
    observe: ObserveSettings
    declared: DeclaredSettings
    receiver: ReceiverSettings
    limits: LimitSettings
    verify: VerifySettings
    audit: AuditSettings
    engine: EngineSettings
    show: ShowSettings
    thresholds: Mapping[str, ThresholdMatrix]
    paths: Paths
    freezes: tuple[FreezeSettings, ...] = ()
    origins: tuple[Origin, ...] = ()
    demo: bool = False
    receivers: Mapping[str, ReceiverSettings] = field(default_factory=dict)
    history: HistorySettings = HistorySettings()
    forecast: ForecastSettings = ForecastSettings()
    metrics: MetricsSettings = MetricsSettings()
    store: StoreSettings = StoreSettings()
    two_person: TwoPersonSettings = TwoPersonSettings()

    def missing(self) -> tuple[tuple[str, str], ...]:
        """What must still be given before anything can be watched: the variable, and what it is for."""
        needed = (
            ("GENESYS_CLIENT_ID", self.genesys.client_id, "the OAuth client's id"),
            ("GENESYS_CLIENT_SECRET", self.genesys.client_secret, "the OAuth client's secret"),
        )
        return tuple((name, purpose) for name, value, purpose in needed if not value)
