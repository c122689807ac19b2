"""The first-run screen: judged while it is typed, tried and kept by one key each, and never a secret in sight."""

from __future__ import annotations

import asyncio
import os
import tomllib
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

import pytest
from textual.events import Key, Paste
from textual.pilot import Pilot
from textual.widgets import Input

from nodescaler_tui.display_text import display_text
from nodescaler_tui.first_run.setup import FirstRunSetup
from nodescaler_tui.settings import Sources, load_settings
from nodescaler_tui.show.first_run_app import FirstRunApp
from nodescaler_tui.show.preferences import Preferences
from nodescaler_tui.show.screens import first_run
from nodescaler_tui.show.setup import Choice, Finding, Mark, Typed
from nodescaler_tui.show.themes import load_themes
from tests.show.conftest import grid, until
from tests.show.pictures import THEMES, Look, look, picture, without_colour

pytestmark = pytest.mark.usefixtures("seen_by_nobody")

SECRET = "kW3-very-secret-indeed"
SIZES = [(80, 24), (120, 36), (60, 20), (200, 60)]
Matches = Callable[[str, str], None]
Script = Callable[[FirstRunApp, Pilot[Choice]], Awaitable[None]]
FINDINGS = (
    Finding(Mark.OK, display_text("journal"), display_text("/home/jane/journal.db can be written, 0 events.")),
    Finding(Mark.NOTE, display_text("status page"), display_text("The vendor's status page cannot be reached.")),
    Finding(
        Mark.WRONG,
        display_text("oauth/token"),
        display_text("Genesys refused the credentials. Check GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET."),
    ),
    Finding(Mark.WRONG, display_text("trial"), display_text("Not yet: see the lines marked ✗.")),
)


class TriedSetup(FirstRunSetup):
    """The real one, with a trial whose words are always the same."""

    async def trial(self, typed: Typed) -> AsyncGenerator[Finding, None]:
        for finding in FINDINGS:
            yield finding


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.chdir(tmp_path)
    os.environ["NODESCALER_CONFIG_DIR"] = "config"


CONFIG_FILE = Path("config/config.toml")


def write(text: str) -> None:
    CONFIG_FILE.parent.mkdir(exist_ok=True)
    CONFIG_FILE.write_text(text)


def make_app(locked: str = "") -> FirstRunApp:
    setup = TriedSetup(lambda: Sources(dict(os.environ)), load_settings(Sources(dict(os.environ))), locked)
    return FirstRunApp(setup, load_themes(None), Preferences(theme="dark"))


def play(script: Script, size: tuple[int, int] = (80, 24), locked: str = "") -> Choice | None:
    async def run() -> Choice | None:
        app = make_app(locked)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await script(app, pilot)
        return app.return_value

    return asyncio.run(run())


async def fill(pilot: Pilot[Choice], *lines: str) -> None:
    """Put each into its field, from the focus on, as pasting does."""
    for text in lines:
        if text:
            pilot.app.post_message(Paste(text))
            await pilot.pause()
        await pilot.press("enter")
    await pilot.pause()


def typed_into(app: FirstRunApp, name: str) -> Input:
    return app.screen.query_one(f"#{name}", Input)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", ["first-run", "first-run-typed", "first-run-tried", "first-run-saved"])
def test_the_first_run_looks_as_it_did(name: str, size: tuple[int, int], matches: Matches) -> None:
    async def script(app: FirstRunApp, pilot: Pilot[Choice]) -> None:
        if name != "first-run":
            await fill(pilot, "8f0f9a6e-7b9e-4f5c-9a53-0a3b6d1f2c11", SECRET, "https://scaler.example/hook")
        if name == "first-run-typed":
            typed_into(app, "genesys-region").focus()
            pilot.app.post_message(Paste("eu-wst-1"))
        if name == "first-run-tried":
            await pilot.press("ctrl+t")
        if name == "first-run-saved":
            await pilot.press("ctrl+s")
        await app.workers.wait_for_complete()
        await pilot.pause()
        text = grid(app)
        assert max(len(line) for line in text.splitlines()) <= size[0]
        assert SECRET not in text
        matches(f"{name}-{size[0]}x{size[1]}", text)

    play(script, size)


def looks(size: tuple[int, int], names: tuple[str, ...]) -> list[Look]:
    """The form, half filled in, in these looks one after the other."""
    found: list[Look] = []

    async def script(app: FirstRunApp, pilot: Pilot[Choice]) -> None:
        await fill(pilot, "8f0f9a6e-7b9e-4f5c-9a53-0a3b6d1f2c11", SECRET, "https://scaler.example/hook")
        for typed in app.screen.query(Input):
            typed.cursor_blink = False
        for name in names:
            app.theme = name if name in THEMES else "dark"
            for _ in range(4):
                await pilot.pause()
            found.append(look(app, name))

    play(script, size)
    return found


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_first_run_looks_as_it_did_in_every_theme_and_without_colour(
    size: tuple[int, int], matches: Matches
) -> None:
    found = looks(size, THEMES)
    with without_colour():
        found += looks(size, ("no colour",))
    assert not any(SECRET in each.text for each in found)
    matches(f"first-run-looks-{size[0]}x{size[1]}", picture(found))


def test_typing_begins_at_what_is_needed_and_enter_goes_on_without_saving() -> None:
    async def script(app: FirstRunApp, pilot: Pilot[Choice]) -> None:
        assert app.focused is typed_into(app, "genesys-client_id")
        await fill(pilot, "client", SECRET, "", "", "", "")
        assert app.focused is not None
        assert app.focused.id == "save_setup"

    assert play(script) is None
    assert not CONFIG_FILE.exists()


def test_saving_keeps_all_but_the_secret_says_so_and_opens_the_dashboard(tmp_path: Path) -> None:
    async def script(app: FirstRunApp, pilot: Pilot[Choice]) -> None:
        await fill(pilot, "client", SECRET)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "ends with this session" in grid(app)
        await pilot.press("enter")

    assert play(script) is Choice.DASHBOARD
    assert tomllib.loads(CONFIG_FILE.read_text()) == {"genesys": {"client_id": "client"}}
    assert load_settings(Sources(dict(os.environ))).missing() == ()
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and SECRET in path.read_text()]


def test_what_is_wrong_is_not_saved_and_gets_the_focus() -> None:
    async def script(app: FirstRunApp, pilot: Pilot[Choice]) -> None:
        await fill(pilot, "client", SECRET, "http://scaler.example")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.focused is typed_into(app, "receiver-url")
        assert "✗ webhook URL: The receiver 'webhook' is not encrypted" in grid(app)

    assert play(script, (120, 36)) is None
    assert not CONFIG_FILE.exists()


def test_a_part_is_saved_and_the_screen_stays_for_the_rest() -> None:
    async def script(app: FirstRunApp, pilot: Pilot[Choice]) -> None:
        await fill(pilot, "client")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.focused is typed_into(app, "genesys-client_secret")
        assert "Still needed: client secret." in grid(app)

    assert play(script, (120, 36)) is None
    assert "client" in CONFIG_FILE.read_text()


def test_what_comes_from_the_environment_is_shown_and_cannot_be_typed() -> None:
    os.environ["GENESYS_CLIENT_ID"] = "from-outside"

    async def script(app: FirstRunApp, _: Pilot[Choice]) -> None:
        assert typed_into(app, "genesys-client_id").disabled
        assert "from-outside, from environment GENESYS_CLIENT_ID." in grid(app)
        assert app.focused is typed_into(app, "genesys-client_secret")

    play(script)


def test_the_demo_is_one_key_away_and_two_when_something_typed_would_be_lost() -> None:
    async def at_once(_: FirstRunApp, pilot: Pilot[Choice]) -> None:
        await pilot.press("ctrl+d")

    async def asked(app: FirstRunApp, pilot: Pilot[Choice]) -> None:
        await pilot.press("x", "ctrl+d")
        await pilot.pause()
        assert app.return_value is None
        assert "Once more starts the demo" in grid(app)
        assert typed_into(app, "genesys-client_id").value == "x"
        await pilot.press("ctrl+d")

    assert play(at_once) is Choice.DEMO
    assert play(asked) is Choice.DEMO


@pytest.mark.parametrize("key", ["escape", "ctrl+q", "ctrl+c"])
def test_leaving_keeps_nothing(key: str) -> None:
    async def script(_: FirstRunApp, pilot: Pilot[Choice]) -> None:
        await fill(pilot, "client", SECRET)
        await pilot.press(key)

    assert play(script) in {Choice.LEAVE, None}
    assert not CONFIG_FILE.exists()
    assert "GENESYS_CLIENT_SECRET" not in os.environ


async def look_again(app: FirstRunApp, pilot: Pilot[Choice]) -> None:
    assert isinstance(app.screen, first_run.FirstRunScreen)
    app.screen.look_again()
    await pilot.pause()


def complete_beside() -> None:
    Path("secret").write_text(SECRET)
    write('[genesys]\nclient_id = "c"\nclient_secret_file = "secret"\n')


def test_a_file_completed_beside_it_opens_the_dashboard_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_run, "LOOK_EVERY_S", 0.05)

    async def run() -> Choice | None:
        asyncio.get_running_loop().call_later(0.3, complete_beside)
        async with asyncio.timeout(20):
            return await make_app().run_async(headless=True)

    assert asyncio.run(run()) is Choice.DASHBOARD


def test_what_is_typed_is_not_lost_to_a_file_completed_beside_it() -> None:
    async def script(app: FirstRunApp, pilot: Pilot[Choice]) -> None:
        await pilot.press("x")
        complete_beside()
        await look_again(app, pilot)
        assert "Everything that is needed is set by now" in grid(app)
        assert typed_into(app, "genesys-client_id").value == "x"

    assert play(script) is None


def test_a_file_that_is_broken_beside_it_is_a_sentence() -> None:
    async def script(app: FirstRunApp, pilot: Pilot[Choice]) -> None:
        write("[genesys\n")
        await look_again(app, pilot)
        assert "✗ config/config.toml is not valid TOML" in grid(app)
        write("")
        await look_again(app, pilot)
        assert "Nothing is watched yet." in grid(app)

    assert play(script) is None


def test_a_burst_of_keys_puts_no_secret_into_a_field_that_shows_it() -> None:
    """As a password manager types: every key is there before the first has been dealt with."""

    async def script(app: FirstRunApp, _: Pilot[Choice]) -> None:
        for key in [*"client", "tab", *SECRET, "enter", *"https"]:
            app.post_message(Key(key, key if len(key) == 1 else None))
        await until(lambda: typed_into(app, "receiver-url").value == "https")
        assert typed_into(app, "genesys-client_id").value == "client"
        assert typed_into(app, "genesys-client_secret").value == SECRET

    play(script)


def test_the_secret_cannot_be_cut_or_copied_to_the_clipboard() -> None:
    async def script(app: FirstRunApp, pilot: Pilot[Choice]) -> None:
        await fill(pilot, "client", SECRET)
        field = typed_into(app, "genesys-client_secret")
        field.focus()
        await pilot.pause()
        field.action_select_all()
        field.action_copy()
        await pilot.press("ctrl+x")
        assert field.value == ""
        assert app.clipboard == ""

    play(script)


def test_no_text_that_is_pasted_reaches_the_terminal_as_more_than_characters() -> None:
    hostile = ["\x1b]0;PWNED\x07", "\x9b31m\x00\x7f", "\u202e\u2066\u200b\ufeff", "\U000e0041\ud800[/]"]

    async def script(app: FirstRunApp, pilot: Pilot[Choice]) -> None:
        names = ("genesys-region", "genesys-client_id", "receiver-url", "declared-queue_id")
        for name, text in zip(names, hostile, strict=True):
            typed_into(app, name).focus()
            await pilot.pause()
            app.post_message(Paste(f"[@click=app.exit]{text}"))
            await pilot.pause()
            assert typed_into(app, name).value == f"[@click=app.exit]{text}"
            assert "".join(grid(app).split("\n")).isprintable()
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "".join(grid(app).split("\n")).isprintable()

    assert play(script) is None
    assert not CONFIG_FILE.exists()


def test_hostile_text_of_the_environment_is_shown_and_not_obeyed() -> None:
    os.environ["GENESYS_ENV"] = "[/][@click=app.exit]x\x1b]0;PWNED\x07\u202e"
    os.environ["GENESYS_GATEWAY"] = ""

    async def script(app: FirstRunApp, _: Pilot[Choice]) -> None:
        text = grid(app)
        assert "[/][@click=app.exit]x" in text
        assert "".join(text.split("\n")).isprintable()

    play(script)


def test_in_a_browser_nothing_can_be_typed_and_the_demo_is_still_offered() -> None:
    async def script(app: FirstRunApp, pilot: Pilot[Choice]) -> None:
        assert all(field.disabled for field in app.screen.query(Input))
        assert "✗ A browser only watches." in grid(app)
        assert app.focused is not None
        assert app.focused.id == "demo"
        await pilot.press("enter")

    assert play(script, locked="A browser only watches.") is Choice.DEMO


def test_everything_fits_or_scrolls_at_the_smallest_size() -> None:
    async def script(app: FirstRunApp, pilot: Pilot[Choice]) -> None:
        typed_into(app, "declared-current_nodes").focus()
        await pilot.pause()
        await pilot.press("1", "2")
        await pilot.pause()
        text = grid(app)
        assert "current nodes  12" in text
        assert "Declared, not measured" in text

    play(script, (60, 20))
