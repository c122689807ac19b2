"""Where things are on disk: one function a folder, private to this user, each replaceable through the environment."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from nodescaler_tui.first_frame import FILE
from nodescaler_tui.settings.model import Paths, SettingsError

APPLICATION = "nodescaler-tui"


def find_paths(environment: Mapping[str, str], config_file: Path | None) -> Paths:
    """Every path; nothing is made yet."""
    from platformdirs import user_config_path, user_state_path  # noqa: PLC0415 - `--help` needs no folder

    config_dir = _named(environment, "NODESCALER_CONFIG_DIR") or user_config_path(APPLICATION)
    state_dir = _named(environment, "NODESCALER_STATE_DIR") or user_state_path(APPLICATION)
    return paths_in(config_file or config_dir / "config.toml", state_dir, _runtime_dir(environment))


def paths_in(config_file: Path, state_dir: Path, runtime_dir: Path) -> Paths:
    """The paths of one store. The socket's name follows from the state folder: one engine serves one store."""
    store = hashlib.sha256(str(state_dir.absolute()).encode()).hexdigest()[:12]
    return Paths(
        config_file=config_file,
        state_dir=state_dir,
        runtime_dir=runtime_dir,
        journal=state_dir / "journal.db",
        witness=state_dir.with_name(f"{state_dir.name}-witness") / "heads",
        last_state=state_dir / "last-state.json",
        first_frame=state_dir / FILE,
        history=state_dir / "history.db",
        waits=state_dir / "waits.json",
        holders=state_dir / "holders",
        exports=state_dir / "exports",
        recordings=state_dir / "recordings",
        engine_log=state_dir / "engine.log",
        socket=runtime_dir / f"engine-{store}.sock",
        themes=config_file.parent / "themes",
    )


def make_private(directory: Path) -> None:
    """Make a folder that only this user may enter. Raises SettingsError when it belongs to someone else."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = directory.stat()
        if status.st_uid != os.getuid():
            raise SettingsError(f"{directory} belongs to another user; set NODESCALER_RUNTIME_DIR to one of your own.")
        if status.st_mode & 0o077:
            directory.chmod(0o700)
    except OSError as error:
        raise SettingsError(f"The folder {directory} cannot be used: {error.strerror}.") from error


def _named(environment: Mapping[str, str], variable: str) -> Path | None:
    return Path(environment[variable]).expanduser() if environment.get(variable) else None


def _runtime_dir(environment: Mapping[str, str]) -> Path:
    """The session's own runtime folder, or a private one in the temporary folder where there is none."""
    named = _named(environment, "NODESCALER_RUNTIME_DIR")
    if named is not None:
        return named
    session = environment.get("XDG_RUNTIME_DIR")
    if session:
        return Path(session) / APPLICATION
    return Path(environment.get("TMPDIR") or "/tmp") / f"{APPLICATION}-{os.getuid()}"  # noqa: S108 - made private
