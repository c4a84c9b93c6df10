"""The one-time code for browsers on other machines."""

import itertools

import pytest

from volvo_exporter.web.setup_access import SESSION_SECONDS, Visitors


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def codes():
    return []


@pytest.fixture
def visitors(clock, codes):
    numbers = itertools.count()
    found = Visitors(
        clock=clock,
        token_urlsafe=lambda size: f"{next(numbers)}".rjust(size, "x"),
        announce=codes.append,
    )
    found.invite()
    return found


def test_a_browser_with_the_code_is_admitted_for_an_hour(visitors, codes, clock):
    cookie = visitors.admit(f" {codes[0]} \n")
    assert visitors.know(cookie)
    clock.now = SESSION_SECONDS

    assert not visitors.know(cookie)


def test_a_code_is_used_once_and_the_next_one_is_announced(visitors, codes):
    first = visitors.admit(codes[0])

    assert visitors.admit(codes[0]) == ""
    assert len(codes) == 2
    assert visitors.know(visitors.admit(codes[1]))
    assert visitors.know(first)


@pytest.mark.parametrize("code", ["", "wrong", "ü", "\ud800"])
def test_a_wrong_code_admits_no_browser(code, visitors, codes):
    assert visitors.admit(code) == ""
    assert len(codes) == 1


@pytest.mark.parametrize("cookie", ["", "made-up"])
def test_an_unknown_cookie_is_not_admitted(cookie, visitors):
    assert not visitors.know(cookie)


def test_no_code_is_valid_before_the_first_invitation_and_after_the_end(visitors, codes):
    cookie = visitors.admit(codes[0])
    visitors.close()

    assert visitors.admit(codes[1]) == ""
    assert visitors.admit("") == ""
    assert visitors.know(cookie)
