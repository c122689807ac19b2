"""Many at a time: pages of 25 entities unless asked otherwise, 100 at most; batches of ids, 100 at most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from nodescaler_tui.simulator.http import Answer, Request, json_answer

DEFAULT_SIZE: Final = 25
MOST: Final = 100
MOST_IDS: Final = 100

Item = TypeVar("Item")


def page(items: Sequence[Item], request: Request, document: Callable[[Item, int], dict[str, Any]]) -> Answer:
    """The page that was asked for. `document` gets an item and its place on the page, for that page's items only."""
    size = _number(request, "pageSize", DEFAULT_SIZE, MOST)
    number = _number(request, "pageNumber", 1, 10**6)
    shown = items[(number - 1) * size : number * size]
    entities = [document(item, place) for place, item in enumerate(shown)]
    return json_answer(200, _envelope(entities, len(items), size, number, request.path))


def ids_of(request: Request, name: str) -> list[str]:
    """The ids of a batch, which Genesys takes as one text with commas."""
    return [identity for identity in request.query.get(name, "").split(",") if identity]


def _number(request: Request, name: str, default: int, most: int) -> int:
    text = request.query.get(name, "")
    return min(max(int(text), 1), most) if text.isdecimal() else default


def _envelope(entities: list[dict[str, Any]], total: int, size: int, number: int, path: str) -> dict[str, Any]:
    """The envelope; the last page has no `nextUri`, the first no `previousUri`."""
    pages = max(-(-total // size), 1)

    def address(other: int) -> str:
        return f"{path}?pageSize={size}&pageNumber={other}"

    envelope: dict[str, Any] = {
        "entities": entities,
        "pageSize": size,
        "pageNumber": number,
        "total": total,
        "firstUri": address(1),
        "lastUri": address(pages),
        "selfUri": address(number),
        "pageCount": pages,
    }
    if number < pages:
        envelope["nextUri"] = address(number + 1)
    if number > 1:
        envelope["previousUri"] = address(number - 1)
    return envelope
