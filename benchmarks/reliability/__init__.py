"""The proof of exactly-once: the production code in a simulated world, under real kills, and in real races."""
