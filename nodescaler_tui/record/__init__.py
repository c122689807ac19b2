"""Remember, append-only: the journal, its hash chain, the audit record."""
