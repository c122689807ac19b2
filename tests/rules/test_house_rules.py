"""The rules of the house that a machine can check, over every file of the package."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "nodescaler_tui"
FILES = sorted(PACKAGE.rglob("*.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> list[Function]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, Function)]


def length(node: Function | ast.ClassDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_is_read_in_one_sitting_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 300
    assert ast.get_docstring(ast.parse(text)) or path.name == "__main__.py"


def test_functions_fit_a_glance() -> None:
    spans = sorted(length(node) for path in FILES for node in functions(path))
    assert spans[int(len(spans) * 0.95) - 1] <= 28
    assert spans[-1] <= 50


def test_every_function_is_annotated() -> None:
    bare = [f"{path.name} {node.name}" for path in FILES for node in functions(path) if node.returns is None]
    assert not bare


def test_no_class_is_a_god() -> None:
    sizes = {
        node.name: length(node)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    }
    assert max(sizes.values()) <= 220
    assert sizes["NodescalerApp"] <= 120


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        (r"except[^\n]*:\s*\n?\s*pass\b", "a swallowed exception"),
        (r"\b(TODO|FIXME|XXX)\b", "an unfinished note"),
        (r"# type: ignore(?!\[)|# noqa(?!:)", "a blanket ignore"),
        (r"\bprint\(", "a print"),
    ],
)
def test_nothing_is_swept_under_the_carpet(pattern: str, what: str) -> None:
    found = [str(path.relative_to(PACKAGE)) for path in FILES if re.search(pattern, path.read_text())]
    assert not found, f"{what} in {found}"


def test_the_import_contracts_hold() -> None:
    result = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout


def test_every_room_is_bound_by_an_import_contract() -> None:
    document = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text())
    contracts = document["tool"]["importlinter"]["contracts"]
    bound = {module for each in contracts for module in (*each.get("source_modules", ()), *each.get("modules", ()))}
    rooms = {f"nodescaler_tui.{path.parent.name}" for path in PACKAGE.glob("*/__init__.py")}
    assert rooms <= bound
