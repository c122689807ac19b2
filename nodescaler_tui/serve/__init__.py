"""In a browser, for the wall of an incident room: on this machine only, behind a token, and always read-only."""
