"""Pure rules, without I/O and without a clock: signals, thresholds, decision, payload, plan, approval."""
