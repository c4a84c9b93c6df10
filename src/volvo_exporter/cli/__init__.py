"""The command line. Exit codes: 0 success, 1 failure, 2 invalid configuration or usage."""

from collections.abc import Sequence

from volvo_exporter.cli.commands import commands

__all__ = ["commands", "main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `volvo-exporter`."""
    commands(arguments, prog_name="volvo-exporter")
