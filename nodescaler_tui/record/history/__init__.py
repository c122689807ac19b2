"""The history: what every poll measured, kept in a file of its own that may be lost without harm."""
