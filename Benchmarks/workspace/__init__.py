"""The parts of Benchmarks/workspace.py."""
