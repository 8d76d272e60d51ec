"""Over how many places something is spread."""

import numpy as np
import polars as pl


def effective(counts: pl.Series) -> float:
    """The effective number of places that `counts` fall on: 1 over the sum of squared shares (Simpson 1949).

    A place that most of them fall on counts for most, however many others there are; 0 where there is none.
    """
    met = np.sort(counts.to_numpy()).astype(np.float64)
    return float(met.sum() ** 2 / (met**2).sum()) if len(met) else 0.0
