"""Faults, with real processes on real servers (`make faults`): whatever dies, nothing is lost and nothing doubled."""
