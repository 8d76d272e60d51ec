"""What every declared table can do: check its rows, put its columns in order and sort itself."""

from typing import Self

import dataframely as dy
import polars as pl

from graphkit.errors import TableError


class Table(dy.Schema):
    """A table declared once; `check` is how a stage hands it on."""

    @classmethod
    def check(cls, frame: pl.DataFrame) -> dy.DataFrame[Self]:
        """`frame` with exactly the declared columns and types, in the table's order of rows.

        Raises TableError naming every broken rule and how many rows break it.
        """
        missing = [name for name in cls.column_names() if name not in frame.columns]
        if missing:
            raise TableError(f"`{cls.__name__}` lacks {', '.join(f'`{name}`' for name in missing)}")
        try:
            checked = cls.validate(frame.select(cls.column_names()), cast=True)
        except (dy.exc.ValidationError, dy.exc.SchemaError, pl.exceptions.PolarsError) as error:
            raise TableError(f"`{cls.__name__}` has rows that break its rules: {error}") from error
        # Sorting keeps the schema, which polars' types cannot say.
        return checked.sort(cls.order(), nulls_last=True)  # type: ignore[return-value]

    @classmethod
    def order(cls) -> list[str]:
        """The columns that rows are sorted by: the primary key."""
        return cls.primary_key()

    @classmethod
    def empty(cls) -> dy.DataFrame[Self]:
        """The table with no rows."""
        return cls.create_empty()
