"""docs/troubleshooting.md against the messages that the exporter really has."""

import ast
import re

import pytest

from tests.support.services import ROOT
from volvo_exporter.login import attempt
from volvo_exporter.volvo import identity, refusals

TEXT = (ROOT / "docs/troubleshooting.md").read_text()
GAP = "…"
OURS = TEXT.partition("## Prometheus and Grafana")[0]
DOCUMENTED = re.findall(r"^\| `([^`]+)` \|", OURS, re.MULTILINE)


def texts():
    """Every text in the source, with a gap where a value is filled in."""
    for file in (ROOT / "launcher.py", *sorted((ROOT / "src").rglob("*.py"))):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.JoinedStr(values=values):
                    yield "".join(
                        str(part.value) if isinstance(part, ast.Constant) else GAP for part in values
                    )
                case ast.Constant(value=str(value)):
                    yield value


def pieces(message):
    """Return the texts between the placeholders of a message, without the marks of code."""
    plain = re.sub(r"\{\w*\}", GAP, message.replace("`", "").replace("\n", " "))
    return [piece.strip(" .") for piece in plain.split(GAP) if piece.strip(" .")]


RULES = [rule.message.replace("{key}", "api_key") for rule in refusals.RULES]
PRINTED = [" ".join(pieces(text)) for text in (*texts(), *RULES)]


@pytest.mark.parametrize("message", DOCUMENTED)
def test_each_message_of_the_document_is_one_that_the_exporter_has(message):
    wanted = re.compile(".*".join(map(re.escape, pieces(message))))
    assert any(wanted.search(said) for said in PRINTED)


REFRESH = [message for _, message in identity.REFRESH_ERRORS.values()]
EXCHANGE = [message for _, message in identity.EXCHANGE_ERRORS.values()]


@pytest.mark.parametrize("message", sorted({*RULES, *REFRESH, *EXCHANGE, *attempt._REFUSALS.values()}))
def test_each_refusal_of_volvo_is_in_the_document(message):
    told = [".*".join(map(re.escape, pieces(known))) for known in DOCUMENTED]
    assert any(re.match(known, " ".join(pieces(message))) for known in told), message
