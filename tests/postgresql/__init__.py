"""A real PostgreSQL for the tests: one server for all workers of a run, and a database of its own for each test."""
