"""Nobody pays for numpy before the first forecast."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module",
    [
        "nodescaler_tui.cli",
        "nodescaler_tui.show.app",
        "nodescaler_tui.decide.forecast",
        "nodescaler_tui.decide.forecast.outlook",
        "nodescaler_tui.decide.forecast.words",
        "nodescaler_tui.decide.forecast.alert",
        "nodescaler_tui.decide.forecast.fleet_alert",
    ],
)
def test_importing_it_does_not_import_numpy(module: str) -> None:
    script = f"import {module}, sys; print('numpy' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
