"""Who shared the same thing within a window: the peers' networks to the last number, and the right ones."""
