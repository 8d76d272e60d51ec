"""Rings and look-alikes planted into a background."""
