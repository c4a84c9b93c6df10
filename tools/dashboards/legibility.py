"""Sizes of the text in panels, calculated as Grafana does, for the narrowest supported screen."""

from tools.dashboards.model import Kind, Panel
from tools.dashboards.overrides import has_variable

SCREEN, COLUMNS, PADDING = 1280, 24, 16
"""Width of the screen in pixels, of the grid in columns, and of the margins of a panel in pixels."""

NAME_PIXELS, VALUE_PIXELS = 13, 18
"""Text sizes of panels with several values, which Grafana would otherwise make as small as needed."""

GRAPH_PIXELS, TABLE_PIXELS = 12, 14
CHARACTER = 0.6
"""Mean width of a character by its height."""

VALUE_LENGTH = 12
"""Characters of the longest value with its unit."""


def has_names(panel: Panel) -> bool:
    """Return whether the panel shows the name of each value."""
    return len(panel.queries) > 1 or has_variable(panel.queries[0].legend)


def width_in_pixels(panel: Panel, screen: int = SCREEN) -> float:
    """Return the width inside a panel."""
    return panel.width / COLUMNS * screen - 2 * PADDING


def smallest_text(panel: Panel, screen: int = SCREEN) -> float:
    """Return the size of the smallest text of a panel in pixels.

    A single value, and the text for no value, are as large as the panel allows.
    """
    match panel.kind:
        case Kind.STAT | Kind.EXCEPTIONS | Kind.GAUGE:
            longest = max(len(panel.no_value), VALUE_LENGTH)
            fitted = width_in_pixels(panel, screen) / (longest * CHARACTER)
            return min(fitted, NAME_PIXELS) if has_names(panel) else fitted
        case Kind.TABLE | Kind.ALERTS | Kind.EVENTS | Kind.MONTHS | Kind.MONTHLY_MEANS:
            return TABLE_PIXELS
        case _:
            return GRAPH_PIXELS
