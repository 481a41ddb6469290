"""PostgreSQL's words for what backends write differently."""

from ticketboss.repository.sql.dialect import Dialect

# Ids are compared byte by byte (COLLATE "C"), as Python and SQLite compare them.
POSTGRES = Dialect(
    each='SELECT json_array_elements_text(CAST({} AS json)) COLLATE "C" AS value'.format,
    each_pair=(
        'SELECT (pair ->> 0) COLLATE "C" AS wanted_actor, (pair ->> 1) COLLATE "C" AS wanted_key '
        "FROM json_array_elements(CAST({} AS json)) AS pairs (pair)"
    ).format,
)
