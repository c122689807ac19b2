"""Measurements and proofs that anyone can run; the figures in the documents come from here."""
