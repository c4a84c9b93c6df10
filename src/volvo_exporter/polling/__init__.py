"""When: what is asked next and how often, and the loop that asks."""
