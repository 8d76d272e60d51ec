"""Bits, families and tiers: rules that a person can recompute."""
