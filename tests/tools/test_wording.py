"""The check of wording: what it reports, and what it accepts."""

import pytest

from tools import wording


def found(text):
    return [hit.found for hit in wording.search("page.md", text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The exporter goes on by itself.", ["goes on", "by itself"]),
        ("'x' is no duration", ["is no duration"]),
        ("Somebody has to log in", ["somebody"]),
        ("make it, letter for letter, the same", ["letter for letter"]),
        ("it lets nobody in", ["nobody", "lets nobody in"]),
        ("the time has to be a number", ["has to be"]),
        ("a car that needs a hand", ["needs a hand"]),
        ("what the car told: what it says", ["told", "says"]),
    ],
)
def test_a_replaced_expression_is_found(text, expected):
    assert sorted(found(text)) == sorted(expected)


@pytest.mark.parametrize(
    "text",
    [
        "There is no token file, and it is no longer needed.",
        "A password is required; files are edited by hand, not hand-written.",
        "a recommended amendment, retold",
        "The key `last_word` is a time, as is `looking_closely_until`.",
    ],
)
def test_plain_text_is_accepted(text):
    assert found(text) == []


def test_a_name_is_read_as_words():
    assert found("def what_it_says(whatWasTold):") == ["told", "says"]


def test_a_constant_and_a_class_with_a_replaced_name_are_found():
    source = "LONGEST_WAIT = 3\n_ENOUGH = 2\nMAX_WAIT = 1\nclass Told:\n    MOST: int = 1\n"
    hits = wording.search_names("m.py", source, sentences=False)

    assert [(hit.line, hit.found) for hit in hits] == [
        (1, "LONGEST_WAIT"),
        (2, "_ENOUGH"),
        (4, "Told"),
        (5, "MOST"),
    ]


def test_only_names_of_tests_are_searched(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text('def test_what_it_says():\n    assert "it says"\n')

    assert [str(hit) for hit in wording.hits(tmp_path)] == ["tests/test_a.py:1: says: is, shows, reports"]


def test_the_changelog_is_not_searched(tmp_path):
    (tmp_path / "CHANGELOG.md").write_text("it says\n")
    (tmp_path / "README.md").write_text("fine\n")

    assert wording.main(tmp_path) == 0


def test_a_hit_is_printed_with_its_place_and_a_better_expression(tmp_path, capsys):
    (tmp_path / "README.md").write_text("fine\nmend it\n")

    assert wording.main(tmp_path) == 1
    assert capsys.readouterr().out == "README.md:2: mend: fix\n"


def test_every_exception_has_a_reason_and_would_be_found_without_it():
    patterns = [pattern for pattern, _ in wording.PATTERNS]
    for text, reason in wording.EXCEPTIONS:
        words = text.replace("_", " ")
        assert reason
        assert any(pattern.search(words) for pattern in patterns), text
