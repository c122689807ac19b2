"""`nodescaler-tui where`: every setting with its origin, and of a secret only whether it is set."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nodescaler_tui.headless.where import main

Captured = pytest.CaptureFixture[str]


def test_a_setting_is_shown_with_its_value_and_origin(tmp_path: Path, capsys: Captured) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[limits]\ncooldown_s = 45\n")
    assert main(["--config", str(config), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["settings"]["limits.cooldown_s"] == {"value": "45.0", "from": "config.toml limits.cooldown_s"}
    assert document["settings"]["limits.nodes_per_step"]["from"] == "default"
    assert document["paths"]["config_file"] == {"path": str(config), "state": "exists"}


def test_a_secret_is_only_set_or_not_set(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setenv("GENESYS_CLIENT_SECRET", "hunter2hunter2")
    for arguments in ([], ["--json"]):
        assert main(arguments) == 0
        printed = capsys.readouterr().out
        assert "hunter2" not in printed
        assert "set" in printed


def test_a_configuration_that_cannot_be_used_is_one_sentence(tmp_path: Path, capsys: Captured) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[limits]\ncooldwon_s = 45\n")
    assert main(["--config", str(config)]) == 2
    error = capsys.readouterr().err
    assert "cooldown_s" in error
    assert error.count("\n") == 1
