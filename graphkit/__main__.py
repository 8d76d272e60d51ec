"""`python -m graphkit` is the command `graphkit`."""

from graphkit.cli import app

if __name__ == "__main__":
    app(prog_name="graphkit")
