import pytest

from tools.translations import TRANSLATED, extract, path_of, problems, read


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_of_the_pages_is_translated_and_no_translation_is_unused_or_fuzzy(language):
    assert list(problems(language)) == []


def test_texts_are_found_in_python_and_in_templates():
    texts = {message.id for message in extract()}

    assert {"Parked at %(place)s", "Front left door", "All parts", "Drives", "Log in at Volvo ID"} <= texts
    assert ("%(count)s day ago", "%(count)s days ago") in texts


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_language_of_a_catalogue_is_its_folder(language):
    assert str(read(language).locale) == path_of(language).parents[1].name == language
