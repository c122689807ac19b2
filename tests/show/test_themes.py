"""Themes: found in a checkout, strictly read, and legible."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from textual.color import Color

from nodescaler_tui.show.themes import INKS, ThemeError, load_themes, read_theme, shipped_folder

SHIPPED = load_themes(None).found


def luminance(colour: str) -> float:
    parts = [part / 255 for part in Color.parse(colour).rgb]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_products_themes_are_found_in_a_checkout() -> None:
    assert {theme.name for theme in SHIPPED} >= {"dark", "light"}
    assert load_themes(None).problems == ()


@pytest.mark.parametrize(("theme", "ink"), list(product(SHIPPED, [ink for ink in INKS if ink != "selected"])))
def test_every_ink_is_legible_on_its_ground(theme: object, ink: str) -> None:
    variables, background = theme.variables, theme.background  # type: ignore[attr-defined]
    assert contrast(variables[f"ns-{ink}"], background) >= 7


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('accent = "#8ab4f8"', 'accent = "red; } Screen { display: none; }"'), "accent is no colour"),
        (("[inks]", "[ink]"), "nearest is 'inks'"),
        (('critical = "#ff8f85"\n', ""), "lacks critical"),
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
