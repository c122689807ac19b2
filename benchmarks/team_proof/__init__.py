"""The proof that a team's shared store keeps its promises; `python -m benchmarks.team` runs it."""
