"""The published schemas of the records (JSON Schema, draft 2020-12)."""

from pathlib import Path

from graphkit.errors import ConfigError

_FOLDER = Path(__file__).parent / "schemas"


def schema_names() -> list[str]:
    """The records that have a schema."""
    return sorted(path.stem for path in _FOLDER.glob("*.json"))


def schema_text(name: str) -> str:
    """The schema of a record as JSON; raises ConfigError when there is no such record."""
    if name not in schema_names():
        known = ", ".join(f"`{one}`" for one in schema_names())
        raise ConfigError(f"there is no record `{name}`; choose one of {known}")
    return (_FOLDER / f"{name}.json").read_text(encoding="utf-8")
