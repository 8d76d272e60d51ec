"""Rules for what counts as meeting, one module each."""
