"""Contents of a shared history: what it holds, by tier, and what it takes on the server's disk. Asked day by day."""

from __future__ import annotations

from typing import Final

from nodescaler_tui.record.history.contents import Contents, TierContents
from nodescaler_tui.record.history.reader import HistoryReader
from nodescaler_tui.record.history.tiers import DAY_S, READINGS, ROLLED, Tier
from nodescaler_tui.record.postgres.connection import Session
from nodescaler_tui.record.postgres.history_rows import PostgresRows, all_of, table_of

_SIZE: Final = """
    SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class
    WHERE relnamespace = 'nodescaler'::regnamespace AND relkind = 'r' AND relname LIKE 'history\\_%'"""


def contents_of(session: Session) -> Contents:
    """Look through the whole history."""
    extents = HistoryReader(PostgresRows(session)).extents()
    tiers = []
    for tier in (READINGS, *ROLLED):
        rows, size = _rows_and_bytes(session, tier)
        tiers.append(TierContents(tier, rows, size, extents[tier].begins_s, extents[tier].ends_s))
    return Contents(
        tiers=tuple(tiers),
        groups=_one(session, "SELECT count(*) FROM history_group"),
        nodes=_one(session, "SELECT count(DISTINCT (group_no, id)) FROM history_node"),
        node_readings=_one(session, "SELECT count(*) FROM history_node_reading"),
        sources=(),
        file_bytes=_one(session, _SIZE),
    )


def _rows_and_bytes(session: Session, tier: Tier) -> tuple[int, int]:
    """One day at a time, so that none takes longer than a statement may."""
    table, column = table_of(tier), "bin" if tier.bin_s else "at_ms"
    a_day = round(DAY_S / tier.bin_s if tier.bin_s else DAY_S * 1000)
    rows = size = 0
    for (day,) in all_of(session, "SELECT history_days(%s)", (table,)):
        query = (
            f"SELECT count(*), coalesce(sum(octet_length(data)), 0)::bigint FROM {table}"  # noqa: S608 - our own
            f" WHERE {column} >= %s AND {column} < %s"
        )
        ((more, larger),) = all_of(session, query, (day * a_day, (day + 1) * a_day))
        rows, size = rows + more, size + larger
    return rows, size


def _one(session: Session, query: str) -> int:
    ((number,),) = all_of(session, query)
    return int(number)
