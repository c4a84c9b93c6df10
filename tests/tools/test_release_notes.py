"""`tools/release_notes.py`, and the heading of the version in the changelog."""

import re

import pytest

from tests.support.services import ROOT
from tools.release_notes import NotReleasable, notes, package_version
from volvo_exporter import __version__

CHANGELOG = """\
# Changelog

## [0.3.0] - 2027-01-02

### Added

- TLS.
  Basic auth.

### Fixed

- A typo.

## [0.2.1] - Unreleased

- Something.

## [0.2.0] - 2026-12-01

## [0.1.0] - 2026-11-01
- The first.
"""


def test_the_notes_are_the_section_without_its_heading():
    assert notes("v0.3.0", CHANGELOG, "0.3.0") == (
        "### Added\n\n- TLS.\n  Basic auth.\n\n### Fixed\n\n- A typo.\n"
    )


def test_the_last_section_ends_with_the_file():
    assert notes("v0.1.0", CHANGELOG, "0.1.0") == "- The first.\n"


@pytest.mark.parametrize(
    ("tag", "version", "problem"),
    [
        ("v0.3.0", "0.2.0", "the tag is v0.3.0, the version of the package 0.2.0"),
        ("0.3.0", "0.3.0", "the tag is 0.3.0"),
        ("v0.4.0", "0.4.0", "no section for 0.4.0"),
        ("v0.2.1", "0.2.1", "no date for 0.2.1"),
        ("v0.2.0", "0.2.0", "0.2.0 in CHANGELOG.md is empty"),
        ("v0x3.0", "0x3.0", "no section for 0x3.0"),
    ],
)
def test_a_tag_that_cannot_be_released_is_refused(tag, version, problem):
    with pytest.raises(NotReleasable, match=re.escape(problem)):
        notes(tag, CHANGELOG, version)


def test_the_version_is_read_without_importing_the_package():
    assert package_version() == __version__


def test_the_first_section_of_the_changelog_is_that_of_the_version():
    first = re.search(r"^## \[(.+?)\] - (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert first[1] == __version__
    assert re.fullmatch(r"Unreleased|\d{4}-\d{2}-\d{2}", first[2])
