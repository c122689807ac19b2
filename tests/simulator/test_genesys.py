"""Coming in: tokens, limits, headers and error bodies of the simulated Genesys Cloud."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from nodescaler_tui.simulator import scenarios
from nodescaler_tui.simulator.endpoints import DATE, EDGES, LIMITS
from nodescaler_tui.simulator.simulation import Simulation

ERROR_KEYS = {"message", "code", "status", "contextId", "details", "errors"}


def ask_token(simulation: Simulation, secret: str, grant: str = "client_credentials") -> httpx.Response:
    addresses = simulation.addresses
    return httpx.post(
        f"{addresses.gateway}/oauth/token",
        data={"grant_type": grant},
        auth=(addresses.client_id, secret),
        trust_env=False,
    )


def test_the_right_client_gets_a_token(simulation: Simulation) -> None:
    document = ask_token(simulation, simulation.addresses.client_secret).json()
    assert document.pop("access_token")
    assert document == {"token_type": "bearer", "expires_in": 86399}


@pytest.mark.parametrize(("secret", "grant", "status"), [("wrong", "client_credentials", 401), ("", "password", 401)])
def test_a_wrong_secret_gets_none(simulation: Simulation, secret: str, grant: str, status: int) -> None:
    answer = ask_token(simulation, secret, grant)
    assert answer.status_code == status
    assert answer.json()["error"] == "invalid_client"


def test_another_grant_is_refused(simulation: Simulation) -> None:
    answer = ask_token(simulation, simulation.addresses.client_secret, "password")
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        ("", "authentication.required"),
        ("Bearer", "authentication.required"),
        ("Basic Zm9vOmJhcg==", "authentication.required"),
        ("Bearer nobody-gave-this-out", "bad.credentials"),
    ],
)
def test_without_a_token_nobody_comes_in(simulation: Simulation, authorization: str, code: str) -> None:
    headers = {"Authorization": authorization}
    answer = httpx.get(f"{simulation.addresses.gateway}{EDGES}", headers=headers, trust_env=False)
    assert answer.status_code == 401
    assert answer.json()["code"] == code


def test_an_expired_token_says_so(simulation: Simulation, call: Callable[[Simulation], httpx.Client]) -> None:
    simulation.faults.switch_on({"fault": "short-tokens", "expires_in": 0})
    answer = call(simulation).get(DATE)
    assert (answer.status_code, answer.json()["code"]) == (401, "credentials.expired")


def test_every_error_has_genesyss_shape(api: httpx.Client) -> None:
    answer = api.get("/api/v2/no/such/thing")
    assert answer.status_code == 404
    assert set(answer.json()) == ERROR_KEYS
    assert (answer.json()["code"], answer.json()["status"]) == ("not.found", 404)


def test_every_answer_carries_a_correlation_id_and_where_the_limit_stands(api: httpx.Client) -> None:
    one, other = api.get(DATE).headers, api.get("/api/v2/no/such/thing").headers
    assert one["inin-correlation-id"] != other["inin-correlation-id"]
    assert [int(headers["inin-ratelimit-count"]) for headers in (one, other)] == [1, 2]
    assert one["inin-ratelimit-allowed"] == "300"
    assert 0 < int(one["inin-ratelimit-reset"]) <= 61


def test_the_limit_that_is_told_is_the_one_that_holds(
    run: Callable[..., Simulation], call: Callable[[Simulation], httpx.Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    tight = replace(scenarios.SCENARIOS["calm"], requests_per_minute=5)
    monkeypatch.setitem(scenarios.SCENARIOS, "calm", tight)
    api = call(run("calm"))
    limits = {entity["key"]: entity["value"] for entity in api.get(LIMITS).json()["entities"]}
    assert limits["client.credentials.token.rate.per.minute"] == 5
    statuses = [api.get(DATE).status_code for _ in range(6)]
    assert statuses == [200] * 4 + [429] * 2


def test_beyond_the_limit_it_says_for_how_long_to_wait(
    run: Callable[..., Simulation], call: Callable[[Simulation], httpx.Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(scenarios.SCENARIOS, "calm", replace(scenarios.SCENARIOS["calm"], requests_per_minute=1))
    simulation = run("calm")
    api = call(simulation)
    api.get(DATE)
    refused = api.get(DATE)
    wait = refused.headers["retry-after"]
    assert 50 <= int(wait) <= 61
    assert refused.json()["code"] == "too.many.requests.retry.after"
    assert refused.json()["message"] == f"Rate limit exceeded the maximum. Retry the request in [{wait}] seconds"
    assert call(simulation).get(DATE).status_code == 200, "another token has a limit of its own"


def test_requests_are_counted_by_path(simulation: Simulation, api: httpx.Client) -> None:
    api.get(DATE)
    api.get(DATE)
    assert simulation.genesys.seen[DATE] == 2
    assert simulation.genesys.seen["/oauth/token"] == 1
