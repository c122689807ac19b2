"""`nodescaler-tui explain`: decide on readings from standard input, so that a policy can be tested anywhere."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from nodescaler_tui.decide.ahead import BootTime, DatedForecast, decide_ahead
from nodescaler_tui.decide.ahead_words import ahead_reasons, ahead_sentence
from nodescaler_tui.decide.decision import Situation, decide
from nodescaler_tui.decide.forecast.climbs import Climbs, SimilarHours
from nodescaler_tui.decide.forecast.outlook import GroupForecast, NotEnoughHistory, SignalForecast
from nodescaler_tui.decide.forecast.track import Track
from nodescaler_tui.decide.signals import Sample, SignalName, Signals
from nodescaler_tui.decide.thresholds import InvalidThresholds, ThresholdMatrix

UNREADABLE: Final = 2
SHORT_NAMES: Final = {
    "cw": "cpu_warning",
    "cc": "cpu_critical",
    "mw": "memory_warning",
    "mc": "memory_critical",
    "max": "max_nodes",
}
NOT_A_NUMBER: Final = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}


class UnreadableInput(ValueError):  # noqa: N818 - the sentence is for the user
    """Input that is not a reading: what is wrong with it."""


def main(arguments: list[str]) -> int:
    """One object in, one object out; an array in, an array out in the same order."""
    parser = argparse.ArgumentParser(
        prog="nodescaler-tui explain",
        description="Reads one reading or an array of them as JSON and prints the decision on each.",
        epilog='A reading: {"id": "a", "current_nodes": 10, "cpu": 0.93, "memory": 0.7, "sessions": 9, '
        '"matrix": {"cw": 0.75, "cc": 0.9, "mw": 0.8, "mc": 0.95, "max": 50}, "context": {"pending": 0, '
        '"cooldown": 0, "cpu_age": 3, "mem_age": 3, "sess_age": 3}}. To look ahead too: "ahead": {"on": true, '
        '"boot": 250, "timed": 3, "age": 60, "cpu": {"odds": [0.3, 0.6, 0.8], "upper": 0.97, "crossed": 7, "of": 20, '
        '"track": 0.8}}, where odds are the probabilities that the critical limit is reached within 5, 10, 15 ... '
        "minutes.",
    )
    parser.parse_args(arguments)
    try:
        document = json.loads(sys.stdin.read())
        many = isinstance(document, list)
        answers = [explained(reading) for reading in (document if many else [document])]
    except (json.JSONDecodeError, RecursionError) as error:
        sys.stderr.write(f"The input is not JSON: {error}\n")
        return UNREADABLE
    except UnreadableInput as error:
        sys.stderr.write(f"{error}\n")
        return UNREADABLE
    json.dump(answers if many else answers[0], sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
    return 0


def explained(reading: object) -> dict[str, Any]:
    """The decision on one reading. Raises UnreadableInput."""
    if not isinstance(reading, Mapping):
        raise UnreadableInput("A reading must be a JSON object.")
    situation = _situation(reading)
    foreseen = _object(reading, "ahead")
    ahead = decide_ahead(
        decide(situation),
        situation,
        _dated_forecast(foreseen, situation),
        BootTime(_quantity(foreseen, "boot", 300.0), int(_quantity(foreseen, "timed"))),
        on=foreseen.get("on") is True,
    )
    decision = ahead.decision
    return {
        "id": reading.get("id"),
        "verdict": decision.verdict.value,
        "requested": decision.requested_nodes,
        "dispatchable": decision.dispatchable,
        "breach": decision.breach,
        "reasons": [str(reason) for reason in decision.reasons],
        "levels": {judgement.signal.value: judgement.level.value for judgement in decision.judgements},
        "sentence": ahead_sentence(ahead, situation),
        "sentences": list(ahead_reasons(ahead)),
    }


def _situation(reading: Mapping[str, Any]) -> Situation:
    context = _object(reading, "context")
    return Situation(
        current_nodes=_number(reading.get("current_nodes")),
        signals=Signals(
            cpu=_sample(reading, "cpu", context, "cpu_age"),
            memory=_sample(reading, "memory", context, "mem_age"),
            sessions=_sample(reading, "sessions", context, "sess_age"),
        ),
        matrix=_matrix(_object(reading, "matrix")),
        pending_nodes=int(_quantity(context, "pending")),
        cooldown_remaining_s=_quantity(context, "cooldown"),
    )


def _object(reading: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = reading.get(name) or {}
    if not isinstance(value, Mapping):
        raise UnreadableInput(f"{name!r} of reading {reading.get('id')!r} must be an object.")
    return value


def _sample(reading: Mapping[str, Any], name: str, context: Mapping[str, Any], age: str) -> Sample:
    return Sample(_number(reading.get(name)), _quantity(context, age) if context.get(age) is not None else None)


def _number(value: object) -> object:
    """JSON has no NaN and no infinity; they come as text."""
    return NOT_A_NUMBER.get(value.lower(), value) if isinstance(value, str) else value


def _quantity(values: Mapping[str, Any], name: str, default: float = 0.0) -> float:
    value = values.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnreadableInput(f"{name!r} must be a number.")
    return float(value)


def _dated_forecast(foreseen: Mapping[str, Any], situation: Situation) -> DatedForecast:
    forecasts: list[tuple[SignalName, SignalForecast | NotEnoughHistory]] = []
    tracks: dict[SignalName, Track] = {}
    for name in SignalName:
        values = _object(foreseen, name.value)
        if values:
            forecasts.append((name, _signal_forecast(name, values, situation)))
        if "track" in values:
            tracks[name] = Track(_quantity(values, "track"), judged=int(_quantity(values, "judged", 96)))
    return DatedForecast(GroupForecast("", tuple(forecasts)), _quantity(foreseen, "age"), tracks)


def _signal_forecast(
    name: SignalName, values: Mapping[str, Any], situation: Situation
) -> SignalForecast | NotEnoughHistory:
    """A forecast that says of the critical limit what was given, whatever that limit is."""
    if "odds" not in values:
        return NotEnoughHistory(_quantity(values, "history"), 7200.0)
    odds = _odds(values["odds"])
    nodes = situation.current_nodes if name is not SignalName.SESSIONS else 1
    upper = _quantity(values, "upper") * (nodes if isinstance(nodes, int) else 1)
    crossed, every = int(_quantity(values, "crossed")), int(_quantity(values, "of"))
    evidence = SimilarHours.of([(0, (math.inf if number < crossed else 0.0,)) for number in range(every)])
    band = (upper,) * len(odds)
    climbs = Climbs.to_any_value(odds)
    return SignalForecast(name, 0.0, band, band, band, climbs, evidence, _quantity(values, "history"))


def _odds(given: object) -> tuple[float, ...]:
    if not isinstance(given, Sequence) or not 0 < len(given) <= 12:
        raise UnreadableInput("'odds' must be up to 12 probabilities, one for each five minutes.")
    odds = tuple(_quantity({"odds": entry}, "odds") for entry in given)
    if not all(0 <= p <= 1 for p in odds):
        raise UnreadableInput("'odds' must be probabilities from 0 to 1.")
    return odds


def _matrix(values: Mapping[str, Any]) -> ThresholdMatrix:
    named = {SHORT_NAMES.get(name, name): value for name, value in values.items()}
    unknown = sorted(set(named) - set(asdict(ThresholdMatrix())))
    if unknown:
        raise UnreadableInput(f"{unknown[0]!r} is not a threshold.")
    try:
        if "sessions_per_node" in named:
            named["sessions_per_node"] = Decimal(str(named["sessions_per_node"]))
        return ThresholdMatrix(**named)
    except (InvalidThresholds, InvalidOperation) as error:
        raise UnreadableInput(f"The matrix is not valid: {error}.") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
