"""The normal distribution, as far as limits are drawn by it."""

# Its 97.5 % quantile: 95 % lie within, and 97.5 % on one side.
Z = 1.959964
