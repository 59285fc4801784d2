"""Sealed journal: a chain of SHA-256 over the events and their entries, its verification and its daily roots (N28)."""
