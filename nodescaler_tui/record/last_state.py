"""The last State, kept beside the journal so that the next start paints what was known, with its age, at once.

It is a convenience and never evidence: losing it costs one blank first frame. The bytes are opaque here.
"""

from __future__ import annotations

import os
from pathlib import Path


def keep(path: Path, state: bytes) -> None:
    """Replace the kept State in one step, readable by this user only. Raises OSError, and the old one stays."""
    making = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(making, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(state)
        making.replace(path)
    except OSError:
        making.unlink(missing_ok=True)
        raise
