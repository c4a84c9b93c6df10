"""Pages, JSON and files of the journal; imported only where the journal is on."""
