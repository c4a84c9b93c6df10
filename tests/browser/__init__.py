"""Tests in a browser; a package, so that fixtures of the scope "package" close the browser after them.

Playwright keeps an event loop running between its calls, which must not overlap with other tests.
"""
