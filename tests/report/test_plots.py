"""Pictures by matplotlib: hostile names are drawn, the bytes are the same, Chinese is no box."""

import warnings
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from report_cases import hostile, small

from graphkit.errors import InputError
from graphkit.report import fonts
from graphkit.report.plots import picture, picture_bytes
from graphkit.settings import settings_from


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_hostile_names_are_drawn_and_the_bytes_are_the_same(kind: str) -> None:
    one, two = (picture_bytes(picture(hostile(), "r1"), kind, 150) for _ in range(2))
    assert one == two
    assert len(one) > 5_000


def test_the_svg_is_well_formed_and_keeps_names_as_text() -> None:
    root = ET.fromstring(picture_bytes(picture(hostile(), "r1"), "svg", 150))
    words = " ".join(element.text or "" for element in root.iter() if element.tag.endswith("text"))
    assert "<script>alert(" in words
    assert not [element for element in root.iter() if element.tag.endswith("script")]


def test_a_notebook_shows_the_picture_without_pyplot() -> None:
    assert picture(small(), "r1")._repr_png_().startswith(b"\x89PNG")


@pytest.mark.skipif(not fonts.has_chinese(), reason="no Chinese font; install the extra `fonts`")
def test_chinese_has_glyphs(tmp_path: Path) -> None:
    view = replace(small(), settings=settings_from({"report": {"language": "zh"}}))
    with warnings.catch_warnings(record=True) as boxes:
        # matplotlib warns of every letter that it draws as a box.
        warnings.simplefilter("always")
        picture(view, "r1").savefig(tmp_path / "zh.png")
    assert [str(warning.message) for warning in boxes] == []


def test_glyphs_are_carried_in_the_page_only_where_they_are_needed() -> None:
    plain = "<style></style><p>latin</p>"
    assert fonts.embedded(plain) == plain


def test_a_ring_that_is_not_there() -> None:
    with pytest.raises(InputError, match="no ring `other`"):
        picture(small(), "other")
