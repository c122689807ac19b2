"""`nodescaler-tui receiver list|show|test`: what is configured, what would be sent, and a test without acting."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from nodescaler_tui.act.receiver import REPEATS_IN_WORDS, WebhookReceiver
from nodescaler_tui.act.receivers.channel import Broken, Route
from nodescaler_tui.act.receivers.profile import ReadsAddress, SendsEvent, Untestable
from nodescaler_tui.act.receivers.trial import Answered, OnlyConnected, tried
from nodescaler_tui.act.webhook import NOTHING_SENT
from nodescaler_tui.decide.payload import ScalingPayload
from nodescaler_tui.display_text import display_text
from nodescaler_tui.engine.receiver_choice import built
from nodescaler_tui.headless.iteration import ExitCode
from nodescaler_tui.settings import Settings, SettingsError, Sources, load_settings
from nodescaler_tui.settings.model import ReceiverSettings
from nodescaler_tui.settings.receivers import in_words

EXAMPLE: Final = ScalingPayload("media-example", 10, 12, 0.9, 0.95)
LONGEST_BODY: Final = 4096
EXIT_CODES: Final = """\
exit codes of `test`:
  0 the receiver took the test               5 it answered, and not as it should
  2 configuration                            6 it cannot be reached; nothing was sent
  4 it cannot be tested without acting; the connection stands
"""


def main(arguments: list[str]) -> int:
    """List the receivers, show one, or test one without acting; its exit code."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings(Sources(config_file=options.config))
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return ExitCode.CONFIGURATION
    if options.command == "list":
        sys.stdout.write(listed(settings))
        return ExitCode.DONE
    return _with_receiver(settings, options.name, _show if options.command == "show" else _test)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nodescaler-tui receiver",
        description="The receivers of approved payloads.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--config", type=Path, help="another configuration file")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="every receiver that is configured, the used one marked")
    for name, words in (("show", "what would be sent to it"), ("test", "send a signed test event, or say why not")):
        commands.add_parser(name, help=words).add_argument("name", help="the receiver's name")
    return parser


def listed(settings: Settings) -> str:
    """A line for each receiver; `*` marks the one that is used."""
    known = configured(settings)
    if not known:
        return "No receiver is configured; set EXTERNAL_SCALER_WEBHOOK, or write [receivers.NAME] tables.\n"
    width = max(map(len, known))
    return "".join(
        f"{'*' if entry == settings.receiver else ' '} {name:<{width}}  {display_text(in_words(entry))}\n"
        for name, entry in known.items()
    )


def configured(settings: Settings) -> Mapping[str, ReceiverSettings]:
    """The receivers that have a URL, by name."""
    return {name: entry for name, entry in settings.receivers.items() if entry.url or entry.url_from is not None}


def _with_receiver(settings: Settings, name: str, command: Callable[[WebhookReceiver], int]) -> int:
    known = configured(settings)
    if name not in known:
        sys.stderr.write(f"There is no receiver {name!r}. Configured: {', '.join(known) or 'none'}.\n")
        return ExitCode.CONFIGURATION
    receiver, problem = built(known[name])
    if receiver is None:
        sys.stderr.write(f"{display_text(problem)}\n")
        return ExitCode.CONFIGURATION
    return command(receiver)


def _show(receiver: WebhookReceiver) -> int:
    profile = receiver.profile
    rows = {
        "receiver": receiver.name,
        "profile": f"{profile.name}: {profile.summary}",
        "host": receiver.host,
        "authentication": receiver.authentication,
        "secrets": ", ".join(source.description for source in receiver.secrets) or "none",
        "repeats": REPEATS_IN_WORDS[receiver.repeats],
        "success": _success(receiver),
        "test": _how_tested(receiver),
        "may be private": ", ".join(receiver.allow_hosts) or "no host",
        "example body": receiver.wire_body(EXAMPLE.canonical_bytes()).decode(),
    }
    sys.stdout.write("".join(f"{name:<16}{display_text(words, LONGEST_BODY)}\n" for name, words in rows.items()))
    return ExitCode.DONE


def _success(receiver: WebhookReceiver) -> str:
    success = receiver.profile.success
    statuses = "2xx" if len(success.statuses) == 100 else ", ".join(map(str, success.statuses))
    answer = success.answer
    return statuses if answer is None else f"{statuses} with {answer.equals!r} at {answer.pointer}"


def _how_tested(receiver: WebhookReceiver) -> str:
    match receiver.profile.test:
        case SendsEvent(does_nothing_because=why):
            return f"sends a test event. {why}"
        case ReadsAddress(does_nothing_because=why):
            return f"reads an address. {why}"
        case Untestable(why=why):
            return f"connects only. {why}"


def _test(receiver: WebhookReceiver) -> int:
    try:
        result = tried(receiver, datetime.now(UTC))
    except NOTHING_SENT as error:
        return _told(ExitCode.UNREACHABLE, str(error))
    except Broken as error:
        return _told(ExitCode.FAILED, str(error))
    match result:
        case OnlyConnected(why=why):
            words = f"{receiver.host} takes connections. Nothing was sent: {why}"
            return _told(ExitCode.IN_DOUBT, words, result.route, result.latency_s)
        case Answered(well=well, status=status, sentence=sentence):
            code = ExitCode.DONE if well else ExitCode.FAILED
            words = f"{receiver.host} answered {status}. {sentence}"
            return _told(code, words, result.route, result.latency_s)


def _told(code: ExitCode, words: str, route: Route | None = None, latency_s: float = 0.0) -> int:
    sys.stdout.write(f"{display_text(words)}\n")
    if route is not None:
        encryption = route.tls or "not encrypted"
        sys.stdout.write(f"address {route.address}, {encryption}, {latency_s * 1000:.0f} ms\n")
    return code
