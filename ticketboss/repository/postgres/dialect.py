"""PostgreSQL's words for what backends write differently."""

from ticketboss.repository.sql.dialect import Dialect

# Ids are compared byte by byte (COLLATE "C"), as Python and SQLite compare them.
POSTGRES = Dialect(
    as_list=list,
    each='SELECT unnest(CAST({} AS text[])) COLLATE "C" AS value'.format,
    each_pair=(
        'SELECT pairs[i][1] COLLATE "C" AS wanted_first, pairs[i][2] COLLATE "C" AS wanted_second '
        "FROM (SELECT CAST({} AS text[]) AS pairs) AS given "
        "CROSS JOIN generate_series(1, cardinality(pairs) / 2) AS i"
    ).format,
)
