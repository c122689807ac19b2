"""The command line: which front end the arguments ask for. Nothing at all is imported before the first frame."""

from __future__ import annotations

import sys

from nodescaler_tui import __version__, first_frame

COMMANDS = {
    "demo": ("nodescaler_tui.demo", "the whole program on a simulated Genesys Cloud; begin here"),
    "watch": ("nodescaler_tui.headless.watch", "the dashboard, or with --plain one line for each change"),
    "status": ("nodescaler_tui.headless.status", "one look at the fleet, with an exit code for monitoring"),
    "once": ("nodescaler_tui.headless.once", "one iteration without a screen: watch, decide, ask, scale, verify"),
    "collect": (
        "nodescaler_tui.headless.collect",
        "poll for a team that shares a store, on a server, without a screen",
    ),
    "record": ("nodescaler_tui.headless.record", "record what is observed and done, for a replay"),
    "replay": ("nodescaler_tui.replay", "play a recording on the same screens; nothing can be sent"),
    "serve": ("nodescaler_tui.serve.command", "the dashboard in a browser of this machine, read-only, behind a token"),
    "check": ("nodescaler_tui.headless.check", "try configuration, credentials and permissions; say what to do"),
    "explain": ("nodescaler_tui.headless.explain", "decide on readings from standard input, as JSON"),
    "audit": ("nodescaler_tui.headless.audit", "list, show, verify or export the journal"),
    "history": ("nodescaler_tui.headless.history", "what was measured: export it, import more, or say what is kept"),
    "backtest": ("nodescaler_tui.headless.backtest", "what the forecast would have warned of, on the own history"),
    "store": (
        "nodescaler_tui.headless.store",
        "a team's shared store: make it, migrate it, check it, copy into it",
    ),
    "receiver": ("nodescaler_tui.headless.receiver", "list and show receivers, and test one without acting"),
    "where": ("nodescaler_tui.headless.where", "every path and setting, and where it came from"),
    "simulate": ("nodescaler_tui.simulator.command", "a simulated Genesys Cloud and provider on loopback"),
}
DASHBOARD = "nodescaler_tui.terminal"
UNKNOWN_COMMAND = 2
INTERRUPTED = 130

HELP = """\
nodescaler-tui watches media-processing capacity in Genesys Cloud and scales it up by hand.

usage: nodescaler-tui [--config FILE] [--theme NAME] [--read-only] [--dry-run]
                      [--metrics HOST:PORT]
       nodescaler-tui COMMAND [options]

Without a command it opens the dashboard.

commands:
{commands}

  COMMAND --help tells more.  --version prints the version.

exit codes of `once`:
  0 nothing to do, or the scale-up was verified     4 in doubt: look at the provider
  3 proposed and not approved                       5 failed
  2 configuration                                   6 Genesys Cloud cannot be reached
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the front end that is asked for; its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    first_frame.paint(given)
    first = given[0] if given else ""
    if first in {"-h", "--help", "help"}:
        sys.stdout.write(HELP.format(commands=_commands()))
        return 0
    if first in {"-V", "--version"}:
        sys.stdout.write(f"nodescaler-tui {__version__}\n")
        return 0
    if first in COMMANDS:
        return _run(COMMANDS[first][0], given[1:])
    if first and not first.startswith("-"):
        return _unknown(first)
    return _run(DASHBOARD, given)


def _run(module: str, arguments: list[str]) -> int:
    from importlib import import_module  # noqa: PLC0415 - after the first frame

    try:
        code: int = import_module(module).main(arguments)
    except KeyboardInterrupt:
        first_frame.withdraw()
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough; there is nobody left to tell.
        sys.stderr.close()
        return 0
    return code


def _commands() -> str:
    return "\n".join(f"  {name:10} {words}" for name, (_, words) in COMMANDS.items())


def _unknown(name: str) -> int:
    from difflib import get_close_matches  # noqa: PLC0415 - only for a mistyped command

    nearest = get_close_matches(name, COMMANDS, n=1)
    hint = f" Did you mean {nearest[0]!r}?" if nearest else " See nodescaler-tui --help."
    sys.stderr.write(f"nodescaler-tui: {name!r} is no command.{hint}\n")
    return UNKNOWN_COMMAND
