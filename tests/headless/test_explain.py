"""`nodescaler-tui explain`: readings in, decisions out, and a sentence for everything that is no reading."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from nodescaler_tui.headless.explain import main

Captured = pytest.CaptureFixture[str]
FRESH = {"cpu_age": 3, "mem_age": 3, "sess_age": 3}
BREACH = {"id": "a", "current_nodes": 10, "cpu": 0.93, "memory": 0.7, "sessions": 9, "context": FRESH}


def explain(monkeypatch: pytest.MonkeyPatch, text: str) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    return main([])


def test_a_breach_is_decided_and_explained(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    assert explain(monkeypatch, json.dumps(BREACH)) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["id"], answer["requested"], answer["dispatchable"], answer["breach"]) == ("a", 12, True, True)
    assert answer["sentence"]


def test_many_readings_are_answered_in_their_order(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    calm = {**BREACH, "id": "b", "cpu": 0.2}
    assert explain(monkeypatch, json.dumps([calm, BREACH])) == 0
    assert [answer["id"] for answer in json.loads(capsys.readouterr().out)] == ["b", "a"]


@pytest.mark.parametrize("cpu", ["nan", "inf", "-inf", None, 1.7, -0.1, True])
def test_a_value_that_is_no_utilization_is_never_healthy(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, cpu: object
) -> None:
    assert explain(monkeypatch, json.dumps({**BREACH, "cpu": cpu})) == 0
    assert json.loads(capsys.readouterr().out)["levels"]["cpu"] not in {"ok", "warning", "critical"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[" * 100_000,
        "7",
        '[{"context": 7}]',
        '{"context": {"pending": "many"}}',
        '{"matrix": {"cz": 1}}',
        '{"matrix": {"cw": 0.9, "cc": 0.5}}',
        '{"ahead": 7}',
        '{"ahead": {"boot": "long"}}',
        '{"ahead": {"cpu": {"odds": 0.5}}}',
        '{"ahead": {"cpu": {"odds": []}}}',
        '{"ahead": {"cpu": {"odds": [1.5]}}}',
        '{"ahead": {"cpu": {"odds": ["nan"]}}}',
    ],
)
def test_what_is_no_reading_is_one_sentence_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, text: str
) -> None:
    assert explain(monkeypatch, text) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1


def test_every_vector_of_the_look_ahead_is_explained_as_it_is_decided(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    text = (Path(__file__).parents[1] / "decide" / "ahead_vectors.json").read_text(encoding="utf-8")
    assert explain(monkeypatch, text) == 0
    for vector, answer in zip(json.loads(text), json.loads(capsys.readouterr().out), strict=True):
        assert {name: answer[name] for name in vector["expect"]} == vector["expect"], vector["name"]
        ahead = answer["verdict"] == "PROPOSE_AHEAD"
        assert ("nothing is critical yet" in answer["sentence"]) is ahead
        assert any("ahead of a breach, on a forecast" in reason for reason in answer["sentences"]) is ahead
