"""What texts share: normalised forms, near-duplicates, rare tokens, phrases."""
