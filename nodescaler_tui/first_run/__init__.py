"""First run: what is needed before anything can be watched, judged while it is typed, tried, and kept."""
