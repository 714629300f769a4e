"""Measuring the service: `python -m tests.bench` (docs/benchmarks.md)."""
