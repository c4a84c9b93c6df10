"""A package, unlike the other test folders, so that one browser lives exactly as long as these tests.

Playwright leaves an event loop running between its calls, which the tests after them must not meet.
"""
