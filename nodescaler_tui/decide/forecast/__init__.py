"""Where load is heading: a point, a 90 % band and the probability of a breach, for the hour ahead.

Importing this package costs nothing: numpy and the forecast come with the first use of one of its names.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nodescaler_tui.decide.forecast.batch import BREACH_ALERT_P, Forecasts, breach, forecast, forecast_many

__all__ = ["BREACH_ALERT_P", "Forecasts", "breach", "forecast", "forecast_many"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("nodescaler_tui.decide.forecast.batch"), name)
