"""How a store is reached: TLS that is verified off this host, and timeouts on each session."""

from __future__ import annotations

import pytest
from psycopg.conninfo import conninfo_to_dict

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.postgres.address import Timeouts, conninfo_of, place_of


def told(url: str, environment: dict[str, str] | None = None) -> dict[str, str]:
    given = conninfo_to_dict(conninfo_of(url, Timeouts(), environment or {}))
    return {key: str(value) for key, value in given.items()}


@pytest.mark.parametrize(
    ("url", "environment"),
    [
        ("postgresql://db.example/ops", {}),
        ("postgresql://10.0.0.7/ops", {}),
        ("postgresql://localhost,db.example/ops", {}),
        ("postgresql://localhost/ops?hostaddr=10.0.0.7", {}),
        ("postgresql:///ops", {"PGHOST": "db.example"}),
        ("postgresql:///ops", {"PGHOSTADDR": "10.0.0.7"}),
        ("postgresql:///?service=team", {}),
        ("postgresql:///ops", {"PGSERVICE": "team"}),
    ],
)
def test_off_this_host_the_server_must_prove_who_it_is(url: str, environment: dict[str, str]) -> None:
    assert told(url, environment)["sslmode"] == "verify-full"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///ops",
        "postgresql://localhost/ops",
        "postgresql://127.0.0.1:5433/ops",
        "postgresql://[::1]/ops",
        "postgresql:///ops?host=/run/postgresql",
        "postgresql:///ops?host=@abstract",
    ],
)
def test_on_this_host_it_need_not(url: str) -> None:
    assert "sslmode" not in told(url)


@pytest.mark.parametrize(
    ("url", "environment"),
    [("postgresql://db.example/ops?sslmode=require", {}), ("postgresql://db.example/ops", {"PGSSLMODE": "require"})],
)
def test_what_somebody_has_chosen_is_kept(url: str, environment: dict[str, str]) -> None:
    assert told(url, environment).get("sslmode", environment.get("PGSSLMODE")) == "require"


def test_every_session_has_its_timeouts_beside_what_the_address_says() -> None:
    options = told("postgresql://db.example/ops?options=-c%20work_mem%3D8MB")["options"]
    for part in (
        "-c work_mem=8MB",
        "-c lock_timeout=2000ms",
        "-c statement_timeout=5000ms",
        "-c idle_in_transaction_session_timeout=2000ms",
    ):
        assert part in options


def test_an_address_that_libpq_cannot_read_is_said() -> None:
    with pytest.raises(JournalUnavailable, match=r"store\.url cannot be read"):
        told("postgresql://db.example/ops?nonsense=1")


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql://ana@db.example:5433/ops", "db.example/ops"),
        ("postgresql:///ops", "this host/ops"),
        ("postgresql:///?service=team", "service team"),
    ],
)
def test_a_place_has_a_name_for_the_screen(url: str, place: str) -> None:
    assert place_of(url) == place
