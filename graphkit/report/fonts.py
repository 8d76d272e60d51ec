"""Fonts for Chinese: names to fall back on, and the few glyphs a page needs carried inside it."""

import base64
import importlib.util
import io
import re
from functools import cache
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped, unused-ignore]
from matplotlib import font_manager

# The extra `fonts` brings this package; without it pages use the reader's own fonts, as most have them.
_EXTRA = "noto_cjk_sans_otc"
_FILE = "NotoSansCJK-Regular.ttc"
# The collection's third face draws Chinese as the mainland writes it.
_SIMPLIFIED_FACE = 2
_CJK = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]")
_RANGE = "U+2E80-9FFF,U+AC00-D7AF,U+F900-FAFF,U+FE30-FE4F,U+FF00-FFEF,U+20000-3FFFF"
_NAMES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "SimHei",
    "Noto Sans CJK JP",
)


def families() -> list[str]:
    """Font families for matplotlib; Chinese falls through to the first of them that is installed."""
    path = _bundled()
    if path is not None and not any(font.name == _NAMES[-1] for font in font_manager.fontManager.ttflist):
        # A collection registers under the name of its first face; its glyphs serve all of CJK.
        font_manager.fontManager.addfont(path)
    known = {font.name for font in font_manager.fontManager.ttflist}
    return ["DejaVu Sans", *(name for name in _NAMES if name in known)]


def has_chinese() -> bool:
    """Whether pictures can show Chinese; without such a font they show boxes."""
    return len(families()) > 1


def embedded(page: str) -> str:
    """`page` with the Chinese, Japanese and Korean glyphs it uses, as a font inside its style sheet.

    Without the extra `fonts`, or without such a letter, the page stays as it is.
    """
    letters = "".join(sorted(set(_CJK.findall(page))))
    if not letters or _bundled() is None:
        return page
    data = base64.b64encode(_glyphs(letters)).decode("ascii")
    # Limited to its range, the font may stand first in every list of families: where it stands last, Chromium
    # lays tables out before it has arrived and leaves boxes in them.
    face = (
        f"@font-face{{font-family:graphkit-cjk;unicode-range:{_RANGE};"
        f"src:url(data:font/woff;base64,{data}) format('woff')}}\n"
    )
    return page.replace("</style>", f"{face}</style>", 1)


def embedded_in_svg(picture: bytes) -> bytes:
    """A picture of matplotlib's with the Chinese glyphs it uses, so that it looks the same everywhere."""
    plain = picture.decode("utf-8")
    carried = embedded(plain)
    if carried == plain:
        return picture
    return carried.replace("'DejaVu Sans'", "graphkit-cjk, 'DejaVu Sans'").encode()


@cache
def _glyphs(letters: str) -> bytes:
    """A font with these letters only; the same letters give the same bytes."""
    options = subset.Options(layout_features=[], hinting=False, font_number=_SIMPLIFIED_FACE)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=letters)
    out = io.BytesIO()
    with subset.load_font(str(_bundled()), options) as font:
        subsetter.subset(font)
        font.flavor = "woff"
        font.save(out)
    return out.getvalue()


def _bundled() -> Path | None:
    found = importlib.util.find_spec(_EXTRA)
    path = Path(found.origin).parent / _FILE if found and found.origin else None
    return path if path is not None and path.exists() else None
