"""`nodescaler-tui check`: what it says of a configuration against a Genesys that answers."""

from __future__ import annotations

from dataclasses import replace

from nodescaler_tui.engine.simulation import settings_for
from nodescaler_tui.headless.check import Mark, findings
from nodescaler_tui.settings import load_settings
from nodescaler_tui.simulator.addresses import described
from nodescaler_tui.simulator.simulation import running_simulation


def test_an_id_for_plans_ahead_that_no_group_has_is_named_and_a_right_one_is_not() -> None:
    with running_simulation("surge") as simulation:
        settings = settings_for(load_settings(), described(simulation.addresses))
        ids = (simulation.addresses.edge_group_id, "misspelt")
        settings = replace(settings, forecast=replace(settings.forecast, propose_ahead=ids))
        found = [finding for finding in findings(settings) if finding.name == "propose ahead"]
    assert [(finding.mark, "misspelt" in finding.sentence) for finding in found] == [(Mark.FAIL, True)]
