"""Traces and cuts: what a forecaster sees ends where what then came begins, and every trace may be shipped."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from benchmarks.forecast_traces import SHIPPED, WINDOWS, Trace, Window, averaged, cut, read_traces

LICENCES = SHIPPED / "licences"
DAY = 288


def counted(samples: int, step_s: int = 300) -> Trace:
    return Trace("counted", "by hand", step_s, np.arange(float(samples)))


@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: window.name)
def test_what_is_seen_ends_where_what_came_begins(window: Window) -> None:
    found = cut(counted(16 * 1440, 60), window, 7)
    assert found is not None
    ahead = 3600 // window.step_s
    assert found.seen.shape[1] == window.samples
    assert found.came.shape[1] == ahead
    values = found.trace.values
    for row, moment in enumerate(found.moments.tolist()):
        assert found.seen[row, -1] == values[moment]
        np.testing.assert_array_equal(found.came[row], values[moment + 1 : moment + 1 + ahead])
    assert np.diff(found.moments).tolist() == [7] * (len(found.moments) - 1)
    assert len(values) - ahead - found.moments[0] == window.scored_days * 86_400 // window.step_s


def test_the_times_of_what_is_seen_are_a_step_apart_and_end_at_the_moment() -> None:
    found = cut(counted(8 * DAY), WINDOWS[1], 50)
    assert found is not None
    assert (np.diff(found.times_s, axis=1) == 300).all()
    assert (found.times_s[:, -1] == found.moments * 300.0).all()


def test_a_trace_that_is_too_short_or_too_coarse_is_not_scored() -> None:
    hours, day, week = WINDOWS
    assert cut(counted(3000), hours, 1) is None
    assert cut(counted(2 * DAY), day, 1) is None
    assert cut(counted(5 * DAY), week, 1) is None
    assert cut(counted(2 * DAY + 20), day, 1) is not None


def test_averaging_keeps_the_newest_and_leaves_out_what_does_not_fill_a_step() -> None:
    found = averaged(counted(12, 60), 300)
    assert (found.step_s, found.values.tolist()) == (300, [4.0, 9.0])


def test_a_trace_is_read_packed_or_not(tmp_path: Path) -> None:
    text = "# name=n\n# source=s\n# step_s=60\nvalue\n1.5\n2\n"
    (tmp_path / "a.csv").write_text(text)
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(text.encode()))
    for found in read_traces(tmp_path):
        assert (found.name, found.source, found.step_s, found.values.tolist()) == ("n", "s", 60, [1.5, 2.0])


def test_every_shipped_trace_is_from_a_source_whose_licence_lies_beside_it() -> None:
    sources: dict[str, int] = {}
    for found in read_traces(SHIPPED):
        sources[found.source] = sources.get(found.source, 0) + 1
    assert sources == {"ASD": 11, "SMD": 8, "MSCloudMon": 4, "NAB": 10}
    about = (SHIPPED / "README.md").read_text(encoding="utf-8")
    for source, count in sources.items():
        row = next(line for line in about.splitlines() if line.startswith(f"| {source} | {count} |"))
        licences = [part.split(")")[0] for part in row.split("](licences/")[1:]]
        assert licences
        for licence in licences:
            text = (LICENCES / licence).read_text(encoding="utf-8")
            assert "Copyright" in text
            assert "Permission is hereby granted, free of charge" in text
            assert 'THE SOFTWARE IS PROVIDED "AS IS"' in text
