"""Creates the tables of the journal and brings them up to date."""

import logging
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from volvo_exporter.journal.schema import HEAD
from volvo_exporter.volvo.errors import ConfigurationError

FOLDER = Path(__file__).with_name("migrations")


def upgrade(engine: Engine) -> None:
    """Bring the tables up to date; raises ConfigurationError where a newer exporter wrote them."""
    with engine.begin() as connection:
        if revision(connection) != HEAD:
            _run(connection)


def revision(connection: Connection) -> str | None:
    """Return the revision of the tables; None where there are none."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return found


def require_current(connection: Connection) -> None:
    """Raise ConfigurationError where the tables are missing, or of another version of the exporter."""
    if revision(connection) != HEAD:
        message = (
            "journal: the tables are missing, or were written by another version of the exporter; "
            "start this version once to update them"
        )
        raise ConfigurationError(message)


def _run(connection: Connection) -> None:
    # Alembic logs its plugins when it is imported.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # It takes half a second to import, and is needed after an update only.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    try:
        command.upgrade(config, "head")
    except CommandError:
        message = (
            "journal: the tables were written by a newer version of the exporter; "
            "update the exporter, or restore a backup"
        )
        raise ConfigurationError(message) from None
