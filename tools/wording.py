"""Report expressions that we replace by plain English: `python -m tools.wording`.

CONTRIBUTING.md has the rules of language. Names in code are split into words, so the name of a test is read
as a sentence. Prints `file:line: expression: better` for each hit, and exits with 1 if there is one.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
SEARCHED = (
    "src/**/*.py",
    "src/**/*.html",
    "src/**/*.css",
    "src/**/*.js",
    "src/**/*.svg",
    "tools/**/*.py",
    "benchmarks/**/*.py",
    "*.py",
    "docs/**/*.md",
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    ".github/**/*.md",
    ".github/**/*.yml",
    "config.example.yaml",
    "prometheus/*.yml",
    "alertmanager/**/*",
    "grafana/**/*",
    "deploy/*",
    "pictures/*.svg",
    "Dockerfile",
    "docker-compose.yml",
    "Makefile",
)
"""Files whose whole text is searched. The changelog is not: it also describes former names."""
TESTS = "tests/**/*.py"
"""Files of which only names of tests, classes and constants are searched: their strings are data."""
OURSELVES = ("tools/wording.py", "tests/tools/test_wording.py")

REPLACED = (
    (r"mend(s|ed|ing)?", "fix"),
    (r"(?<!re)(tell|tells|told|telling)", "report, show, name"),
    (r"(says|said)", "is, shows, reports"),
    (r"word(?! processor)", "value, state, text"),
    (r"needs? a hand|(?<!by )(?<!second )hand(?![- ](written|edit|made))", "needs attention, gives, passes"),
    (r"(some|no|any)(body|one)", "the user, a client, none"),
    (r"whoever", "the user, if you"),
    (r"(to|for|of) who|who has one", "name the user or the thing"),
    (r"(goes|go|went|going) on", "resumes, continues"),
    (r"by (itself|themselves)", "automatically"),
    (r"letter for letter", "exactly"),
    (r"(?<!there )(is|are|was|were) no (?!longer|more)[a-z]+", "is not a"),
    (r"thr(own|ows?) away", "discarded"),
    (r"lets? (\w+ ){1,2}in", "accepts, allows"),
    (r"(has|have|had) to be", "must be"),
    (r"look(s|ed|ing)? closely", "poll more often"),
    (r"as in (?=\d)", "e.g."),
    (r"what (moves|rests) is asked", "active cars are polled"),
    (r"never to ask for", "never requested"),
    (r"not on this car, or not known now", "a dash"),
    (r"another number, other days", "random seed"),
    (r"measure of all intervals", "base polling interval"),
    (r"sent far more than it should", "response too large"),
    (r"a name and a password are needed", "username and password required"),
    (r"the same facts", "JSON API"),
    (r"a past for", "backfilling"),
    (r"waits longest", "is most overdue"),
)
"""Expressions as regular expressions between word boundaries, in lower case, and what is better."""
RENAMED = {
    "Surroundings": "Environment",
    "Member": "Account",
    "Mishap": "LastError",
    "Held": "Pause",
    "Hold": "PauseReason",
    "Signs": "Observation",
    "Condition": "ActivityState",
    "Views": "PageContext",
    "Told": "a plain noun",
    "Asked": "a plain noun",
    "Answered": "a plain noun",
    "Hidden": "a plain noun",
    "Truth": "a plain noun",
    "Looks": "a plain noun",
}
"""Names of classes that were replaced, and their new names."""
CONSTANT = re.compile(
    r"_?((LONGEST|LARGEST|MOST|SHORTEST|ENOUGH|PLENTY)(_[A-Z0-9_]+)?"
    r"|LASTS|HERE|PATIENCE|IS|FINE|SMALL|DEAD|TOLD|TAKEN|SHOWN|KEPT|TROUBLES|QUIET)"
)
BOUND = "MAX_…, MIN_…, …_SECONDS, or the thing itself"

EXCEPTIONS = (
    ("last_word", "key of /api/v1/vehicles; JSON keys do not change"),
    ("looking_closely_until", "key of /api/v1/status; JSON keys do not change"),
    ("looking closely", "generated from the schedule for docs/polling.md; the name of that key"),
    ("unknown_word", "value of the label reason; label values do not change"),
    ("nobody:nogroup", "user of the operating system"),
)
"""Text that is not searched, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An expression in a file that has a better one."""

    path: str
    line: int
    found: str
    better: str

    def __str__(self) -> str:
        """Return the line that is printed."""
        return f"{self.path}:{self.line}: {self.found}: {self.better}"


PATTERNS = tuple((re.compile(rf"\b(?:{expression})\b"), better) for expression, better in REPLACED)


def plain(line: str) -> str:
    """Return a line in lower case without exceptions, its names split into words."""
    for exception, _ in EXCEPTIONS:
        line = line.replace(exception, "")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", line).lower()


def search(path: str, text: str) -> Iterator[Hit]:
    """Find the expressions in each line of a text; `path` is for the report."""
    for number, line in enumerate(text.splitlines(), start=1):
        words = plain(line)
        for pattern, better in PATTERNS:
            for match in pattern.finditer(words):
                yield Hit(path=path, line=number, found=match[0], better=better)


def names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and name of each class, test and assigned constant of a module."""
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield node.lineno, name
            case ast.Name(id=name, ctx=ast.Store()) if name.isupper():
                yield node.lineno, name


def search_names(path: str, source: str, *, sentences: bool) -> Iterator[Hit]:
    """Find constants and classes with replaced names; with `sentences`, expressions in all names too."""
    for line, name in sorted(names(ast.parse(source))):
        if name in RENAMED:
            yield Hit(path=path, line=line, found=name, better=RENAMED[name])
        if CONSTANT.fullmatch(name):
            yield Hit(path=path, line=line, found=name, better=BOUND)
        if sentences:
            yield from (
                Hit(path=path, line=line, found=hit.found, better=hit.better) for hit in search(path, name)
            )


def files(root: Path, *patterns: str) -> Iterator[tuple[str, str]]:
    """Yield the path below `root` and the text of each file that matches a pattern, once."""
    found = {path for pattern in patterns for path in root.glob(pattern) if path.is_file()}
    for path in sorted(found):
        name = path.relative_to(root).as_posix()
        if name not in OURSELVES:
            yield name, path.read_text("utf-8")


def hits(root: Path) -> Iterator[Hit]:
    """Find all expressions below a folder, in the files of `SEARCHED` and the names of `TESTS`."""
    for path, text in files(root, *SEARCHED):
        yield from search(path, text)
        if path.endswith(".py"):
            yield from search_names(path, text, sentences=False)
    for path, text in files(root, TESTS):
        yield from search_names(path, text, sentences=True)


def main(root: Path = ROOT) -> int:
    """Print every hit; return 1 if there is one."""
    found = list(hits(root))
    for hit in found:
        print(hit)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
