"""Receivers: how each kind is asked, how it answers, and what keeps a request from going anywhere else."""
