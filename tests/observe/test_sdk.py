"""The SDK is imported so that it can neither log, watch files nor stall: lazily where that works, else plainly."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from nodescaler_tui.observe import sdk_shell
from nodescaler_tui.observe.connection import REGION_HOSTS, Connection, UnusableAddress

PROGRAM = """
import gc, json, os, psutil, sys, threading, time
from nodescaler_tui.observe import sdk_shell
from nodescaler_tui.observe.sdk import load_sdk
home = os.environ["HOME"]
if {broken!r}:
    sdk_shell._EXPORT = __import__("re").compile("nothing like it")
began = time.process_time()
sdk = load_sdk(lazy={lazy!r})
took = time.process_time() - began
configuration = sys.modules[f"{{sdk_shell.PACKAGE}}.configuration"].Configuration()
print(json.dumps(dict(
    lazy=sdk.lazy, took=took, threads=threading.active_count(), home=os.environ["HOME"] == home, gc=gc.isenabled(),
    frozen=gc.get_freeze_count(), rss_mb=psutil.Process().memory_info().rss / 2**20,
    host=configuration.host, live=configuration.live_reload_config, path=sdk.edges.__module__,
)))
"""


def loaded(*, lazy: bool, broken: bool = False, home: str = "/nonexistent") -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(lazy=lazy, broken=broken)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={"HOME": home, "PYTHONPATH": ":".join(filter(None, sys.path)), "PATH": ""},
    )
    assert done.stderr == ""
    result: dict[str, object] = json.loads(done.stdout)
    return result


def test_the_lazy_import_is_quick_and_small() -> None:
    result = loaded(lazy=True)
    assert result["lazy"] is True
    assert float(str(result["rss_mb"])) < 120
    assert float(str(result["took"])) < 1
    assert (result["threads"], result["home"], result["gc"], result["live"]) == (1, True, True, False)


@pytest.mark.parametrize(("lazy", "broken"), [(False, False), (True, True)], ids=["asked for", "fallen back to"])
def test_the_plain_import_works_as_well(lazy: bool, broken: bool) -> None:
    result = loaded(lazy=lazy, broken=broken)
    assert result["lazy"] is False
    assert (result["threads"], result["home"], result["gc"], result["live"]) == (1, True, True, False)
    assert int(str(result["frozen"])) > 100_000


def test_a_configuration_in_the_real_home_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / ".genesyscloudpython"
    folder.mkdir()
    folder.joinpath("config").write_text("[general]\nhost=https://evil.example\nlive_reload_config=true\n")
    result = loaded(lazy=True, home=str(tmp_path))
    assert (result["host"], result["threads"]) == ("https://api.mypurecloud.com", 1)


@pytest.mark.usefixtures("sdk")
def test_the_regions_are_those_of_the_sdk() -> None:
    enumeration = importlib.import_module(f"{sdk_shell.PACKAGE}.purecloud_region_hosts").PureCloudRegionHosts
    told = {region.name.replace("_", "-"): region.value for region in enumeration}
    assert {name: f"https://api.{host}" for name, host in REGION_HOSTS.items()} == told


@pytest.mark.parametrize("region", ["eu-west-1", "EU_WEST_1", "mypurecloud.ie", "api.mypurecloud.ie"])
def test_a_region_goes_by_name_or_host(region: str) -> None:
    assert Connection(region, "id", "secret").api_address == "https://api.mypurecloud.ie"


@pytest.mark.parametrize("region", ["eu-wst-1", "", "https://api.mypurecloud.ie", "somewhere/else.com"])
def test_a_region_that_is_none_says_which_there_are(region: str) -> None:
    with pytest.raises(UnusableAddress, match="eu-west-1"):
        _ = Connection(region, "id", "secret").api_address


@pytest.mark.parametrize("gateway", ["ftp://127.0.0.1", "127.0.0.1:80", "http://example.com"])
def test_a_gateway_that_would_show_the_secret_is_refused(gateway: str) -> None:
    with pytest.raises(UnusableAddress):
        _ = Connection("eu-west-1", "id", "secret", gateway=gateway).api_address


def test_a_secret_is_in_no_repr() -> None:
    assert "hunter2" not in repr(Connection("eu-west-1", "id", "hunter2"))
