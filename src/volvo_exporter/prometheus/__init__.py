"""`/metrics`: readings expanded to samples, rendered when they change and joined when scraped."""
