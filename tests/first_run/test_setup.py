"""Behind the first-run screen: what is set is told with its origin, what is typed is kept, and a secret never is."""

from __future__ import annotations

import asyncio
import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodescaler_tui.first_run.fields import LABELS, UNSET
from nodescaler_tui.first_run.setup import FirstRunSetup
from nodescaler_tui.settings import Sources, load_settings
from nodescaler_tui.show.setup import Field, Mark, Saved

SECRET = "kW3-very-secret-indeed"
NEEDED = {"genesys.client_id": "8f0f9a6e-7b9e-4f5c-9a53-0a3b6d1f2c11", "genesys.client_secret": SECRET}


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "config.toml"


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", os.environ.copy())


def setup(locked: str = "") -> FirstRunSetup:
    made = FirstRunSetup(lambda: Sources(dict(os.environ)), load_settings(Sources(dict(os.environ))), locked)
    made.look()
    return made


def write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def field(made: FirstRunSetup, key: str) -> Field:
    return next(each for each in made.look().fields if each.key == key)


def words(saved: Saved) -> str:
    return " ".join(saved.sentences)


def test_nothing_set_asks_for_id_and_secret_and_for_nothing_else() -> None:
    made = setup()
    assert not made.look().complete
    wrong = {key for key, verdict in made.judge({}).items() if verdict.mark is Mark.WRONG}
    assert wrong == {"genesys.client_id", "genesys.client_secret"}


def test_what_the_environment_says_is_shown_with_its_variable_and_cannot_be_overtyped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(os.environ, "GENESYS_ENV", "eu-west-1")
    monkeypatch.setitem(os.environ, "GENESYS_CLIENT_SECRET", SECRET)
    made = setup()
    assert field(made, "genesys.region").fixed
    assert made.judge({})["genesys.region"].sentence == "eu-west-1, from environment GENESYS_ENV."
    assert made.judge({})["genesys.client_secret"].sentence == "Set, from environment GENESYS_CLIENT_SECRET."
    assert SECRET not in repr((made.look(), made.judge({})))


def test_what_the_file_says_can_be_overtyped_and_a_wrong_value_is_named(config_file: Path) -> None:
    write(config_file, '[genesys]\nregion = "eu-wst-1"\n')
    made = setup()
    assert not field(made, "genesys.region").fixed
    verdict = made.judge({})["genesys.region"]
    assert verdict.mark is Mark.WRONG
    assert verdict.sentence.startswith("From config.toml genesys.region: No such region")


def test_of_a_webhook_only_the_host_is_shown(config_file: Path) -> None:
    write(config_file, '[receiver]\nurl = "https://scaler.example/hook?token=hidden"\n')
    made = setup()
    assert "scaler.example" in field(made, "receiver.url").present
    assert "hidden" not in repr((made.look(), made.judge({})))


@pytest.mark.parametrize(
    "text",
    [
        '[receiver]\nurl_from = { env = "THE_URL" }\n',
        '[receiver]\nuse = "other"\n[receivers.other]\nurl = "https://other.example"\n',
    ],
)
def test_a_webhook_that_typing_would_not_replace_is_fixed(config_file: Path, text: str) -> None:
    write(config_file, text)
    assert field(setup(), "receiver.url").fixed


def test_everything_but_the_secret_is_kept_and_the_secret_is_for_this_process(
    config_file: Path, tmp_path: Path
) -> None:
    typed = {**NEEDED, "genesys.region": " EU_West_1 ", "declared.current_nodes": "7", "declared.queue_id": "q"}
    saved = setup().save(typed)
    assert saved.complete
    assert tomllib.loads(config_file.read_text()) == {
        "genesys": {"region": "eu-west-1", "client_id": NEEDED["genesys.client_id"]},
        "declared": {"queue_id": "q", "current_nodes": 7},
    }
    assert config_file.stat().st_mode & 0o777 == 0o600
    assert os.environ["GENESYS_CLIENT_SECRET"] == SECRET
    assert "ends with this session" in words(saved)
    assert "client_secret_file" in words(saved)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and SECRET in path.read_text()]


def test_a_part_is_kept_and_what_is_still_needed_is_said(config_file: Path) -> None:
    saved = setup().save({"genesys.client_id": NEEDED["genesys.client_id"]})
    assert saved.kept
    assert not saved.complete
    assert "Still needed: client secret." in words(saved)
    assert "client_id" in config_file.read_text()


def test_a_secret_stays_correctable_until_the_dashboard_opens() -> None:
    made = setup()
    saved = made.save({"genesys.client_secret": SECRET})
    assert saved.sentences == ("Still needed: client id.",)
    assert "GENESYS_CLIENT_SECRET" not in os.environ
    assert not field(made, "genesys.client_secret").fixed


@pytest.mark.parametrize(
    ("key", "value"),
    [("genesys.region", "eu-wst-1"), ("receiver.url", "http://scaler.example"), ("declared.current_nodes", "many")],
)
def test_nothing_is_kept_while_a_part_is_wrong(config_file: Path, key: str, value: str) -> None:
    saved = setup().save({**NEEDED, key: value})
    assert not saved.kept
    assert saved.sentences[0].startswith(LABELS[key])
    assert not config_file.exists()
    assert "GENESYS_CLIENT_SECRET" not in os.environ


def test_a_file_that_cannot_be_read_is_a_sentence_and_is_left_alone(config_file: Path) -> None:
    made = setup()
    write(config_file, "[genesys\n")
    sheet = made.look()
    assert "not valid TOML" in sheet.problem
    assert not sheet.complete
    assert not made.save(NEEDED).kept
    assert config_file.read_text() == "[genesys\n"


def test_the_url_of_a_receiver_that_holds_a_secret_is_for_this_session_only(config_file: Path) -> None:
    write(config_file, '[receiver]\nprofile = "azure-automation"\n')
    made = setup()
    url = "https://scaler.example/hook?token=hidden-in-url"
    assert "this session only" in made.judge({"receiver.url": url})["receiver.url"].sentence
    saved = made.save({**NEEDED, "receiver.url": url})
    assert "url_from" in words(saved)
    assert os.environ["EXTERNAL_SCALER_WEBHOOK"] == url
    assert "hidden-in-url" not in config_file.read_text()


def test_a_file_completed_beside_it_is_noticed(config_file: Path, tmp_path: Path) -> None:
    made = setup()
    secret_file = tmp_path / "secret"
    secret_file.write_text(SECRET)
    write(config_file, f'[genesys]\nclient_id = "c"\nclient_secret_file = "{secret_file}"\n')
    assert made.look().complete
    assert made.judge({})["genesys.client_secret"].sentence == f"Set, from file {secret_file}."


def test_where_nothing_may_be_typed_nothing_is_tried_or_kept(config_file: Path) -> None:
    made = setup("A browser only watches.")

    async def tried() -> list[str]:
        return [finding.sentence async for finding in made.trial(NEEDED)]

    assert all(each.fixed for each in made.look().fields)
    assert asyncio.run(tried()) == ["A browser only watches."]
    assert not made.save(NEEDED).kept
    assert not config_file.exists()


@given(st.dictionaries(st.sampled_from(sorted(LABELS)), st.text(max_size=60)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_is_typed_is_judged_in_printable_sentences_without_the_secret(typed: dict[str, str]) -> None:
    verdicts = setup().judge(typed)
    assert set(verdicts) == set(LABELS)
    assert set(UNSET) < set(verdicts)
    assert all(verdict.sentence.isprintable() for verdict in verdicts.values())


@given(st.dictionaries(st.sampled_from(sorted(set(LABELS) - {"genesys.client_secret"})), st.text(max_size=60)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_whatever_is_kept_can_be_read_by_the_next_start(config_file: Path, typed: dict[str, str]) -> None:
    config_file.unlink(missing_ok=True)
    saved = setup().save(typed)
    assert saved.kept or not config_file.exists()
    load_settings(Sources(dict(os.environ)))
