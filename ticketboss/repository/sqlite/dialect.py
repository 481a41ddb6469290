"""SQLite's words for what backends write differently."""

import json

from ticketboss.repository.sql.dialect import Dialect
from ticketboss.repository.sqlite.reasons import refuse_value

SQLITE = Dialect(
    as_list=lambda values: json.dumps(list(values), default=refuse_value),
    each="SELECT value FROM json_each({})".format,
    each_pair=(
        "SELECT json_extract(value, '$[0]') AS wanted_first, "
        "json_extract(value, '$[1]') AS wanted_second FROM json_each({})"
    ).format,
    indexed_by="INDEXED BY {}".format,
)
