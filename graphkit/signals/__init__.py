"""Questions asked of accounts and rings, one module each."""
