"""How it looks: from payloads to readings to the text of a scrape."""
