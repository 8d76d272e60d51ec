"""Recall along a curve: an axis that spans a hundredfold names its values in plain numbers."""

import polars as pl
import pytest
from matplotlib.axes import Axes

from graphkit.report import curves
from graphkit.report.plots import style


@pytest.mark.parametrize(
    ("values", "scale", "labels"),
    [
        ((1.0, 60.0, 600.0, 14400.0), "log", ["1", "60", "600", "14400"]),
        ((0.0, 0.5, 4.0), "linear", None),
    ],
)
def test_values_are_named_in_plain_numbers(
    values: tuple[float, ...], scale: str, labels: list[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Axes] = []
    panel = curves._panel

    def kept(axes: Axes, *rest: object) -> None:
        panel(axes, *rest)  # type: ignore[arg-type]
        seen.append(axes)

    monkeypatch.setattr(curves, "_panel", kept)
    points = pl.DataFrame({"x": values}).with_columns(
        suite=pl.lit("jitter"), place=pl.lit("here"), plan=pl.lit("pod"), recall=pl.lit(0.5)
    )
    with style():
        assert curves.recall_curves(points, {"jitter": "members act within (s)"}).startswith(b"\x89PNG")
    (axes,) = seen
    assert axes.get_xscale() == scale
    told = [label.get_text() for label in axes.get_xticklabels()]
    assert all("mathdefault" not in label for label in told)
    assert labels is None or told == labels
