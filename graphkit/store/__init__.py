"""Run folders and their manifest."""
