"""How well rings are found: worlds with known rings in them, put to the whole of `detect`, and scored."""

from graphkit.evaluate.evaluate import Wanted, evaluate

__all__ = ["Wanted", "evaluate"]
