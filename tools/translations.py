"""Translations of the pages: catalogues of gettext in `src/volvo_exporter/web/locale`.

python -m tools.translations            updates the .po files with the texts of the source, and compiles them
python -m tools.translations --check    names what is missing, unused, fuzzy or out of date, and exits with 1

Texts are extracted from calls of `gettext`, `ngettext` and `mark`, and of `_` in templates.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tools.generated import ROOT
from volvo_exporter.web.language import DOMAIN, LANGUAGES

WEB = ROOT / "src" / "volvo_exporter" / "web"
TRANSLATED = LANGUAGES[1:]
TEMPLATES = ("templates/**.html", "templates/**.svg", "templates/**.js")
METHODS = [*((pattern, "jinja2") for pattern in TEMPLATES), ("**.py", "python")]
KEYWORDS = {"_": None, "gettext": None, "mark": None, "ngettext": (1, 2)}
WIDTH = 110


def extract() -> Catalog:
    """Return the texts of the source."""
    found = Catalog()
    options = {pattern: {"silent": "false"} for pattern in TEMPLATES}
    for name, _line, message, _comments, _context in extract_from_dir(
        WEB, method_map=METHODS, options_map=options, keywords=KEYWORDS
    ):
        found.add(message, locations=[(name, 0)])
    return found


def path_of(language: str) -> Path:
    """Return the .po file of a language."""
    return WEB / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str) -> Catalog:
    """Return the catalogue of a language."""
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def compiled(catalogue: Catalog) -> bytes:
    """Return the content of the .mo file."""
    content = BytesIO()
    write_mo(content, catalogue)
    return content.getvalue()


def update(language: str) -> None:
    """Add new texts to a catalogue, remove unused ones, and compile it."""
    catalogue = read(language)
    catalogue.update(extract(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    path = path_of(language)
    with path.open("wb") as file:
        write_po(
            file,
            catalogue,
            width=WIDTH,
            sort_output=True,
            omit_header=False,
            ignore_obsolete=True,
            include_lineno=False,
        )
    path.with_suffix(".mo").write_bytes(compiled(catalogue))


def problems(language: str) -> Iterator[str]:
    """Yield what is wrong with a catalogue."""
    wanted, catalogue = extract(), read(language)
    texts = {message.id for message in wanted if message.id}
    known = {message.id for message in catalogue if message.id}
    yield from (f"{language}: not in the catalogue: {text!r}" for text in sorted(texts - known, key=str))
    yield from (f"{language}: unused: {text!r}" for text in sorted(known - texts, key=str))
    for message in catalogue:
        if not message.id:
            continue
        forms = message.string if isinstance(message.string, list | tuple) else (message.string,)
        if not all(forms):
            yield f"{language}: not translated: {message.id!r}"
        if message.fuzzy:
            yield f"{language}: fuzzy: {message.id!r}"
        for error in message.check(catalogue):
            yield f"{language}: {error}: {message.id!r}"
    if path_of(language).with_suffix(".mo").read_bytes() != compiled(catalogue):
        yield f"{language}: the .mo file is out of date: run make translations"


def main(arguments: list[str]) -> int:
    """Update or check all languages; return the exit code."""
    if "--check" not in arguments:
        for language in TRANSLATED:
            update(language)
    found = [problem for language in TRANSLATED for problem in problems(language)]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
