"""Hostile text: what a name or an answer from outside may carry to attack a terminal or a markup parser."""

from __future__ import annotations

from typing import Final

PAYLOADS: Final = (
    "\x1b]0;PWNED-TITLE\x07",
    "\x1b]52;c;UFdORUQ=\x07",
    "\x1b[2J\x1b[1;1H\x1b[31mAPPROVED",
    "\x9b31m\x9d0;PWNED-C1\x9c",
    "\u202eevil\u2066\u200b\u200d\ufeff\u2028\x85",
    "[@click=app.quit]click me[/]",
    "[/]",
    "[/bold]x",
    "[link='x]y",
    "\x00\x0e\x1a\x7f\U000e0041",
    "\x1bP+q544e\x1b\\\x1b[6n\x1b[21t",
    "a\u0301" + "\u0301" * 40,
    "\u4e2d\u6587" * 200,
)


def hostile(name: str, number: int) -> str:
    """This name with one of the payloads behind it, in turn."""
    return name + PAYLOADS[number % len(PAYLOADS)]
