"""Files, frames and databases become EVENTS."""
