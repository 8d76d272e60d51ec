"""Everything graphkit raises on purpose: one tree, each leaf with the exit code of the command line."""

from typing import ClassVar


class GraphkitError(Exception):
    """The root: catch this one."""

    exit_code: ClassVar[int] = 1


class ConfigError(GraphkitError):
    """A setting, an option or a policy is wrong."""

    exit_code = 2


class InputError(GraphkitError):
    """The input cannot be read as events or accounts at all."""

    exit_code = 2


class QuarantineError(GraphkitError):
    """Too large a share of the input was refused row by row."""

    exit_code = 3


class HeldError(GraphkitError):
    """The circuit breaker holds the run until a named person releases it."""

    exit_code = 4


class IntegrityError(GraphkitError):
    """A file of a run folder is missing or does not match its recorded SHA-256."""


class TableError(GraphkitError):
    """A stage produced rows that break the rules of its table: a fault of graphkit, not of the input."""
