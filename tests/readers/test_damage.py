"""Files damaged at random: a reading whose rows add up or a clear error, never anything else."""

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphkit.errors import InputError
from graphkit.readers.reads import read_events
from graphkit.settings import ReadSettings

_CSV = (
    b"event_id,timestamp,channel,account_id,text\n"
    b'e1,2026-03-01T00:00:00Z,post,"a",x\ne2,1772323200,dm,b,"y\nz"\n'
)
_JSON = (
    b'{"event_id":1,"timestamp":"2026-03-01T00:00:00Z","channel":"post","account_id":"a","text":"\\ud83d"}\n'
    b'{"timestamp":1772323200.5,"channel":"dm","account_id":7,"target_id":null}\n'
)
_PIECES = [
    b'"',
    b"\n",
    b"\r",
    b",",
    b"\0",
    b"\xff",
    b"{",
    b"}",
    b"1e999",
    b"-",
    b"NaN",
    b"\\u0000",
    b"[" * 5000,
]
_damage = st.lists(
    st.tuples(st.integers(0, 220), st.integers(0, 9), st.sampled_from(_PIECES) | st.binary(max_size=6)),
    max_size=4,
)


@pytest.mark.parametrize(("name", "whole"), [("e.csv", _CSV), ("e.jsonl", _JSON)])
@settings(max_examples=60, deadline=None)
@given(damage=_damage)
def test_damage_is_counted_or_told(name: str, whole: bytes, damage: list[tuple[int, int, bytes]]) -> None:
    content = whole
    for place, cut, piece in damage:
        content = content[:place] + piece + content[place + cut :]
    with TemporaryDirectory() as folder, suppress(InputError):
        path = Path(folder) / name
        path.write_bytes(content)
        reading = read_events(path, settings=ReadSettings())
        assert reading.rows_read == reading.events.height + reading.quarantine.height
        assert set(reading.quarantine["source"]) <= {name}
        last_line = content.count(b"\n") + 1
        assert all(1 <= position <= last_line for position in reading.quarantine["position"])
