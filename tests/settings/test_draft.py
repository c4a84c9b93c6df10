"""A new config.yaml: when it is needed, what it contains, and that it replaces nothing."""

import errno
import os
import stat

import pytest
import yaml

from volvo_exporter.problems import Invalid
from volvo_exporter.settings import Settings, load
from volvo_exporter.settings.draft import (
    is_configured,
    load_without_account,
    read_draft,
    read_values,
    render,
    write_new,
)

VALUES = {
    "client_id": "a-client",
    "client_secret": "s3cret:#'\"\\",
    "api_key": "0123456789",
    "redirect_uri": "http://localhost:9100/callback",
}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "config.yaml"


@pytest.mark.parametrize(
    ("environment", "configured"),
    [
        ({}, False),
        ({"VOLVO_EXPORTER_LISTEN_ADDR": "0.0.0.0", "VOLVO_TOKEN_FILE": "/data/token"}, False),  # noqa: S104
        ({"VOLVO_CLIENT_ID": ""}, False),
        ({"VOLVO_CLIENT_ID": "a-client"}, True),
        ({"volvo_redirect_uri": "http://localhost/"}, True),
        ({"VOLVO_API_KEY_FILE": "/run/secrets/key"}, True),
        ({"VOLVO_ACCOUNTS": "[]"}, True),
    ],
)
def test_one_setting_of_an_account_is_a_configuration(environment, configured, file):
    assert is_configured(file, environment) is configured


@pytest.mark.parametrize("content", ["", "client_id: x", "not: [valid"])
def test_any_file_is_a_configuration(content, file):
    file.write_text(content)

    assert is_configured(file, {})


def test_a_link_to_a_missing_file_is_a_configuration(file):
    file.symlink_to(file.with_name("missing.yaml"))

    assert is_configured(file, {})


def test_the_settings_without_an_account_contain_only_placeholders():
    settings = load_without_account()

    assert isinstance(settings, Settings)
    assert all(secret.startswith("pending-") for secret in settings.secret_values())


def test_a_written_draft_is_read_as_it_was_entered(file):
    draft = read_draft(VALUES)
    write_new(file, render(draft))
    settings = load(file)

    assert isinstance(settings, Settings)
    account = settings.complete_accounts[0]
    assert {
        "client_id": account.client_id,
        "client_secret": account.client_secret.get_secret_value(),
        "api_key": account.api_key.get_secret_value(),
        "redirect_uri": account.redirect_uri,
    } == VALUES
    assert yaml.safe_load(file.read_text()).keys() == VALUES.keys()


def test_another_port_is_written_because_the_redirect_uri_contains_it(file):
    write_new(file, render(Settings(**VALUES, exporter_listen_port=9101)))

    assert yaml.safe_load(file.read_text())["exporter_listen_port"] == 9101


def test_every_value_of_a_new_file_is_quoted_and_explained():
    text = render(read_draft(VALUES))

    assert text.count(': "') == len(VALUES)
    assert "Keep this file secret" in text
    assert "docs/configuration.md" in text


def without_links(_source, _target):
    raise PermissionError(errno.EPERM, "no hard links on this file system")


@pytest.mark.parametrize("link", [os.link, without_links])
@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_a_new_file_is_readable_by_its_owner_only_and_is_the_only_one(link, umask, file, tmp_path):
    before = os.umask(umask)
    try:
        write_new(file, "a: b\n", link=link)
    finally:
        os.umask(before)

    assert list(tmp_path.iterdir()) == [file]
    assert file.read_text() == "a: b\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("link", [os.link, without_links])
def test_an_existing_file_is_not_overwritten(link, file, tmp_path):
    file.write_text("mine: true\n")
    with pytest.raises(FileExistsError):
        write_new(file, "a: b\n", link=link)

    assert file.read_text() == "mine: true\n"
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_is_not_followed(file, tmp_path):
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        write_new(file, "a: b\n")

    assert not (tmp_path / "elsewhere").exists()


def test_values_are_read_one_by_one():
    read, problems = read_values(
        {**VALUES, "api_key": "“0123”", "redirect_uri": "localhost", "client_secret": ""}
    )

    assert read == {"client_id": "a-client"}
    assert {problem.setting for problem in problems} == {"api_key", "redirect_uri"}


def test_an_encoded_redirect_uri_is_decoded():
    read, _ = read_values({"redirect_uri": "http%3A%2F%2Flocalhost%3A9100%2Fcallback"})

    assert read["redirect_uri"] == "http://localhost:9100/callback"


def test_an_incomplete_draft_names_what_is_missing():
    invalid = read_draft({"client_id": "a-client"})

    assert isinstance(invalid, Invalid)
    assert {problem.setting for problem in invalid.problems} == {"client_secret", "api_key", "redirect_uri"}
