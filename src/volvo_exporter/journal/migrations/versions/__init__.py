"""The revisions, oldest first; one that was released does not change."""
