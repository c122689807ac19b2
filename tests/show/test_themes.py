"""Themes: found in a checkout, strictly read, and legible."""

from __future__ import annotations

import asyncio
import math
from itertools import combinations, product
from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

from nodescaler_tui.show import themes as themes_module
from nodescaler_tui.show.themes import (
    INKS,
    ThemeError,
    Themes,
    load_themes,
    read_theme,
    shipped_folder,
    watch_themes,
)

SHIPPED = load_themes(None).found


XTERM = {
    "ansi_black": "#000000",
    "ansi_green": "#00cd00",
    "ansi_yellow": "#cdcd00",
    "ansi_white": "#e5e5e5",
    "ansi_bright_yellow": "#ffff00",
    "ansi_bright_cyan": "#00ffff",
    "ansi_bright_white": "#ffffff",
}


def linear_light(colour: str) -> list[float]:
    parts = [part / 255 for part in Color.parse(XTERM.get(colour, colour)).rgb]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def luminance(colour: str) -> float:
    red, green, blue = linear_light(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_products_themes_are_found_in_a_checkout() -> None:
    assert {theme.name for theme in SHIPPED} == {"ansi", "colour_blind", "dark", "high_contrast", "light"}
    assert load_themes(None).problems == ()


GROUNDS = ("background", "surface", "panel", "selected")
TEXTS = ("foreground", "accent", *(ink for ink in INKS if ink != "selected"))


def colour_of(theme: Theme, name: str) -> str:
    own = theme.variables.get(f"ns-{name}") or getattr(theme, name)
    return str(own)


@pytest.mark.parametrize("theme", SHIPPED, ids=lambda theme: theme.name)
def test_every_text_is_legible_on_every_ground_that_it_may_stand_on(theme: Theme) -> None:
    """WCAG's 7:1; the terminal's own sixteen colours are taken as xterm defines them."""
    faint = {
        f"{text} on {ground}: {ratio:.2f}"
        for text, ground in product(TEXTS, GROUNDS)
        for ratio in (contrast(colour_of(theme, text), colour_of(theme, ground)),)
        if ratio < 7
    }
    assert not faint


DEUTERANOPIA = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))
TRITANOPIA = ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900))
TOLD_APART = 18.0


def seen_as(colour: str, eye: tuple[tuple[float, ...], ...]) -> tuple[float, float, float]:
    """CIE L*a*b* of a colour as this eye sees it, by the matrices of Machado, Oliveira and Fernandes (2009)."""
    linear = linear_light(colour)
    red, green, blue = (min(max(sum(a * b for a, b in zip(row, linear, strict=True)), 0.0), 1.0) for row in eye)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116 for value in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize("eye", [DEUTERANOPIA, TRITANOPIA], ids=["deuteranopia", "tritanopia"])
def test_the_colour_blind_theme_keeps_the_severities_apart_for_these_eyes(eye: tuple[tuple[float, ...], ...]) -> None:
    theme = load_themes(None).named("colour_blind")
    severities = [colour_of(theme, name) for name in ("critical", "warning", "ok", "unknown")]
    for one, other in combinations(severities, 2):
        assert math.dist(seen_as(one, eye), seen_as(other, eye)) >= TOLD_APART


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('accent = "#97bdfa"', 'accent = "red; } Screen { display: none; }"'), "accent is no colour"),
        (("[inks]", "[ink]"), "nearest is 'inks'"),
        (('critical = "#ffa198"\n', ""), "lacks critical"),
        (('name = "dark"', 'name = "no name"'), "needs a name"),
    ],
)
def test_a_wrong_theme_is_a_sentence_that_names_what_is_wrong(
    tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    text = (shipped_folder() / "dark.toml").read_text(encoding="utf-8")
    assert change[0] in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(ThemeError, match=words):
        read_theme(path)


def test_a_broken_theme_of_the_user_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("name = ")
    themes = load_themes(tmp_path)
    assert len(themes.found) == len(SHIPPED)
    assert "broken.toml" in themes.problems[0]


def test_an_edited_theme_is_shown_without_a_new_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(themes_module, "LOOK_EVERY_S", 0.02)
    text = (shipped_folder() / "dark.toml").read_text(encoding="utf-8").replace('"dark"', '"mine"')

    async def story() -> list[str]:
        found: asyncio.Queue[Themes] = asyncio.Queue()
        watching = asyncio.create_task(watch_themes(tmp_path, found.put_nowait))
        await asyncio.sleep(0.1)
        seen = []
        for colour in ("#ffa198", "#ffffff"):
            beside = tmp_path / "mine.new"
            beside.write_text(text.replace("#ffa198", colour))
            beside.replace(tmp_path / "mine.toml")
            seen.append((await asyncio.wait_for(found.get(), 5)).named("mine").variables["ns-critical"].lower())
        watching.cancel()
        return seen

    assert asyncio.run(story()) == ["#ffa198", "#ffffff"]
