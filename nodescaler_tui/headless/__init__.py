"""Commands without a screen: the same engine, for scripts, for continuous integration, and for a look by hand."""
