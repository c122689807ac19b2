"""Settings: where each value comes from, and what is said when one cannot be used."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from nodescaler_tui.engine import order as orders
from nodescaler_tui.engine.order import Order
from nodescaler_tui.settings import Settings, SettingsError, Sources, load_settings

TUTORIAL = {
    "GENESYS_ENV": "mypurecloud.ie",
    "GENESYS_CLIENT_ID": "an-id",
    "GENESYS_CLIENT_SECRET": "hunter2hunter2",
    "MEDIA_QUEUE_ID": "queue-1",
    "NODE_GROUP_ID": "media-1",
    "EXTERNAL_SCALER_WEBHOOK": "https://scaler.example/hook?token=s3cr3t",
    "CURRENT_NODES": "12",
}


def load(tmp_path: Path, text: str = "", environment: dict[str, str] | None = None) -> Settings:
    (tmp_path / "config.toml").write_text(text)
    folders = {"NODESCALER_CONFIG_DIR": str(tmp_path), "NODESCALER_STATE_DIR": str(tmp_path / "state")}
    return load_settings(Sources(environment={**folders, **(environment or {})}))


def origin(settings: Settings, key: str) -> tuple[str, str]:
    return next((entry.shown, entry.origin) for entry in settings.origins if entry.key == key)


def test_the_tutorials_environment_alone_gives_a_working_program(tmp_path: Path) -> None:
    settings = load(tmp_path, environment=TUTORIAL)
    assert settings.missing() == ()
    assert settings.declared.node_group_id == "media-1"
    assert settings.declared.current_nodes == 12
    assert settings.receiver.url.startswith("https://scaler.example/")


def test_a_newcomer_is_told_what_is_missing_and_what_for(tmp_path: Path) -> None:
    assert [name for name, _ in load(tmp_path).missing()] == ["GENESYS_CLIENT_ID", "GENESYS_CLIENT_SECRET"]


def test_the_environment_beats_the_file_and_the_file_beats_the_default(tmp_path: Path) -> None:
    text = '[genesys]\nregion = "eu-west-1"\n[observe]\npoll_every_s = 30\n'
    settings = load(tmp_path, text, {"GENESYS_ENV": "us-east-1"})
    assert origin(settings, "genesys.region") == ("us-east-1", "environment GENESYS_ENV")
    assert origin(settings, "observe.poll_every_s") == ("30.0", "config.toml observe.poll_every_s")
    assert origin(settings, "limits.cooldown_s")[1] == "default"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[genesys]\nregio = "x"\n', "'genesys.region'"),
        ("[thresholds]\ncpu_critcal = 0.9\n", "'cpu_critical'"),
        ('[genesys]\nclient_secret = "x"\n', "GENESYS_CLIENT_SECRET"),
        ("[observe]\npoll_every_s = 0\n", "from 1 to 3600"),
        ("[thresholds]\ncpu_warning = 0.95\n", "above the critical limit"),
        ('[receiver]\nrepeats = "sometimes"\n', "deduplicates, absolute, fires"),
        ("nonsense", "not valid TOML"),
    ],
)
def test_what_cannot_be_used_is_named_with_the_way_out(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load(tmp_path, text)


def test_thresholds_of_a_group_start_from_the_default(tmp_path: Path) -> None:
    text = '[thresholds]\ncpu_critical = 0.85\nsessions_per_node = 1.1\n[thresholds."g-1"]\nmax_nodes = 40\n'
    settings = load(tmp_path, text)
    assert settings.thresholds["g-1"].cpu_critical == 0.85
    assert settings.thresholds["g-1"].max_nodes == 40
    assert settings.thresholds[""].sessions_per_node == Decimal("1.1")


def test_no_secret_is_in_any_repr_or_origin(tmp_path: Path) -> None:
    settings = load(tmp_path, environment=TUTORIAL)
    for text in (repr(settings), repr(settings.origins)):
        assert "hunter2" not in text
        assert "s3cr3t" not in text


def test_an_order_carries_everything_to_the_engine_and_back(tmp_path: Path) -> None:
    order = Order(load(tmp_path, environment=TUTORIAL))
    assert orders.decode(orders.encode(order)) == order


def test_a_secret_may_be_in_a_file_of_its_own(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from-a-file\n")
    settings = load(tmp_path, f'[genesys]\nclient_secret_file = "{secret}"\n')
    assert settings.genesys.client_secret == "from-a-file"
    assert origin(settings, "genesys.client_secret") == ("set", f"file {secret}")


def test_how_long_the_history_is_kept_is_set_in_the_file_or_the_environment(tmp_path: Path) -> None:
    settings = load(
        tmp_path, "[history]\nminute_days = 2\nraw_hours = 0\n", {"NODESCALER_HISTORY_QUARTER_HOUR_DAYS": "365"}
    )
    history = settings.history
    assert (history.keep, history.raw_hours, history.minute_days, history.quarter_hour_days) == (True, 0.0, 2.0, 365.0)
    assert not load(tmp_path, environment={"NODESCALER_HISTORY": "off"}).history.keep
    with pytest.raises(SettingsError, match=r"history\.minute_days"):
        load(tmp_path, "[history]\nminute_days = -1\n")


def test_nothing_is_proposed_on_a_forecast_unless_a_group_is_named_for_it(tmp_path: Path) -> None:
    forecast = load(tmp_path).forecast
    assert (forecast.propose_ahead, forecast.boot_s, forecast.false_pages_a_day) == ((), 300.0, 1.0)
    settings = load(tmp_path, '[forecast]\npropose_ahead = ["g-1", "g-2"]\nboot_s = 240\nfalse_pages_a_day = 0.5\n')
    assert settings.forecast.propose_ahead == ("g-1", "g-2")
    assert (settings.forecast.boot_s, settings.forecast.false_pages_a_day) == (240.0, 0.5)
    assert origin(settings, "forecast.propose_ahead") == ("g-1, g-2", "config.toml forecast.propose_ahead")
    assert origin(settings, "forecast.boot_s") == ("240.0", "config.toml forecast.boot_s")
    assert orders.decode(orders.encode(Order(settings))).settings.forecast == settings.forecast


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("propose_ahead = [1]", "must be a list of texts"),
        ("propose_ahead = true", "must be a list of texts"),
        ("boot_s = -1", "from 0 to 3300"),
        ("boot_s = 3600", "from 0 to 3300"),
        ("boot_s = nan", "from 0 to 3300"),
        ("false_pages_a_day = -1", "from 0 to 1000"),
        ('propose_ahaed = ["g-1"]', "'forecast.propose_ahead'"),
    ],
)
def test_a_wrong_forecast_setting_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load(tmp_path, f"[forecast]\n{text}\n")


@pytest.mark.parametrize(
    ("given", "listens"),
    [
        ("", ""),
        ("9464", "127.0.0.1:9464"),
        (":9464", "127.0.0.1:9464"),
        ("0.0.0.0:80", "0.0.0.0:80"),
        ("[::1]:1", "[::1]:1"),
    ],
)
def test_metrics_are_for_this_machine_unless_another_address_is_named(tmp_path: Path, given: str, listens: str) -> None:
    assert load(tmp_path, f'[metrics]\nlisten = "{given}"\n').metrics.listen == listens
    assert load(tmp_path, environment={"NODESCALER_METRICS": given}).metrics.listen == listens


@pytest.mark.parametrize("given", ["localhost", "127.0.0.1:http", "1.2.3.4:99999", "h:-1"])
def test_what_is_no_address_for_metrics_is_said(tmp_path: Path, given: str) -> None:
    with pytest.raises(SettingsError, match="an address and a port"):
        load(tmp_path, environment={"NODESCALER_METRICS": given})


def test_where_metrics_are_wanted_makes_no_other_engine(tmp_path: Path) -> None:
    plain, asked = load(tmp_path), load(tmp_path, environment={"NODESCALER_METRICS": "9464"})
    assert orders.fingerprint(Order(plain)) == orders.fingerprint(Order(asked))


@pytest.mark.parametrize("given", ["", "postgresql://db.example/ops", "postgres:///ops?service=team&sslmode=require"])
def test_a_shared_store_is_named_by_its_address(tmp_path: Path, given: str) -> None:
    assert load(tmp_path, f'[store]\nurl = "{given}"\n').store.url == given
    assert load(tmp_path, environment={"NODESCALER_STORE_URL": given}).store.url == given


@pytest.mark.parametrize(
    "given",
    [
        "postgresql://ana:hunter2@db.example/ops",
        "postgresql://ana:hun%3Ater2@db.example/ops",
        "postgresql://ana:@db.example/ops",
        "postgresql://ana:hunt?er2hunter2@db.example/ops",
        "postgresql://ana:hunter2℀@db.example/ops",
        "postgresql://db.example/ops?password=hunter2",
        "postgresql://db.example/ops?user=ana&sslpassword=hunter2",
        "postgresql://db.example/ops?pass%77ord=hunter2",
    ],
)
def test_a_password_in_a_stores_address_is_refused_and_not_repeated(tmp_path: Path, given: str) -> None:
    with pytest.raises(SettingsError, match="PGPASSFILE") as refused:
        load(tmp_path, environment={"NODESCALER_STORE_URL": given})
    assert "hunter2" not in str(refused.value)
    assert "db.example" not in str(refused.value)


@pytest.mark.parametrize("given", ["mysql://db/ops", "db.example/ops", "host=db.example dbname=ops"])
def test_what_is_no_address_of_a_store_is_said(tmp_path: Path, given: str) -> None:
    with pytest.raises(SettingsError, match="postgresql://host/database"):
        load(tmp_path, environment={"NODESCALER_STORE_URL": given})
