"""One SDK for all tests of this room, and a source that reads from a stub on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from nodescaler_tui.observe.connection import BeliefPolicy, Connection, DeclaredGroup
from nodescaler_tui.observe.genesys import GenesysSource
from nodescaler_tui.observe.sdk import Sdk, load_sdk
from tests.observe.stub_genesys import StubGenesys

MakeSource = Callable[..., GenesysSource]


@pytest.fixture(scope="session")
def sdk() -> Sdk:
    return load_sdk()


@pytest.fixture
def genesys() -> Iterator[StubGenesys]:
    with StubGenesys() as stub:
        yield stub


@pytest.fixture
def make_source(genesys: StubGenesys, sdk: Sdk) -> Iterator[MakeSource]:
    made: list[GenesysSource] = []

    def make(
        *,
        policy: BeliefPolicy | None = None,
        declared: DeclaredGroup | None = None,
        declared_nodes: int = 10,
        timeout_s: float = 2.0,
        deadline_s: float = 3.0,
        status_page: str = "",
    ) -> GenesysSource:
        connection = Connection(
            region="mypurecloud.com",
            client_id="demo",
            client_secret="s3cr3t-value",
            gateway=genesys.address,
            status_page=status_page,
            request_timeout_s=timeout_s,
            request_deadline_s=deadline_s,
        )
        source = GenesysSource(
            connection, policy or BeliefPolicy(), sdk, declared=declared, declared_nodes=lambda: declared_nodes
        )
        made.append(source)
        return source

    yield make
    for source in made:
        source.close()
