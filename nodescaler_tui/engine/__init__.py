"""The only writer of State and the only gate for danger: core, server, life, and the client that attaches."""
