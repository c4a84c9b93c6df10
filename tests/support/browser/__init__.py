"""Scenes, launch and guard of the browser, for the tests and for the pictures of the README."""
