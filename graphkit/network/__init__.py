"""One engine for all layers: pairs, edges, significance, communities."""
