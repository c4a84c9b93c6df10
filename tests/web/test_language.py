import pytest

from volvo_exporter.web.language import LANGUAGES, choose_language, load_catalogue


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"),
        ("sv", "sv"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr-FR,fr;q=0.9,sv;q=0.5,en;q=0.4", "sv"),
        ("en;q=0.8, DE", "de"),
        ("sv,de", "sv"),
        ("de;q=0,sv;q=0.1", "sv"),
        ("fr, *;q=0.1", "en"),
        ("sv;q=x, de;q=0.2", "de"),
        ("sv;level=1;q=x,;;,", "sv"),
    ],
)
def test_the_language_is_the_best_one_that_the_browser_accepts(accept, language):
    assert choose_language(accept) == language


def test_every_language_has_a_catalogue_and_english_is_the_text_itself():
    texts = [load_catalogue(language).gettext("Front left door") for language in LANGUAGES]

    assert texts == ["Front left door", "Vänster framdörr", "Tür vorne links"]
