"""Candidates are put to the ring test, and what passes becomes RINGS."""
