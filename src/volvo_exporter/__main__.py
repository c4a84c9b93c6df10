"""The entry point of `volvo-exporter` and `python -m volvo_exporter`."""

import sys
from importlib import import_module

from volvo_exporter import signals

SERVING = ("serve", "demo")
"""The commands that a signal ends with exit code 0."""


def main(arguments: list[str] | None = None) -> None:
    """Run a command; handle signals before the imports that take half a second."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] and arguments[0] in SERVING:
        signals.exit_at_once()
    import_module("volvo_exporter.cli").main(arguments)


if __name__ == "__main__":
    main()
