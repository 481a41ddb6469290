"""The SQL that backends write differently: lists as parameters, and hints which index to take."""

from collections.abc import Callable, Collection

from ticketboss.repository.sql.statements import ENTRY_COLUMNS, RESERVATION_COLUMNS

# How a list of reservations is found, by what it asks for: the index, and what comes first in it.
PAGES = {
    "event": ("reservations_created", ""),
    "partner": ("reservations_of_partner", "partner_id = :partner_id AND"),
    "reference": ("reservations_reference", "reference = :reference AND"),
    "partner and reference": (
        "reservations_of_partner_reference",
        "partner_id = :partner_id AND reference = :reference AND",
    ),
}


def _no_hint(_index: str) -> str:
    return ""


class Dialect:
    """Statements in the words of one backend."""

    def __init__(
        self,
        as_list: Callable[[Collection[object]], object],
        each: Callable[[str], str],
        each_pair: Callable[[str], str],
        indexed_by: Callable[[str], str] = _no_hint,
    ) -> None:
        """`as_list` makes one parameter of a collection.

        `each` gives a SELECT of the column `value` over such a parameter, `each_pair` one of
        `wanted_first` and `wanted_second`; `indexed_by` gives the hint to use an index.
        """
        self.as_list = as_list
        self.select_reservations_page = {by: _page(indexed_by, by) for by in PAGES}
        self.select_stretch_end = {by: _stretch_end(indexed_by, by) for by in PAGES}
        self.select_settings_at = f"""
SELECT {ENTRY_COLUMNS} FROM ledger {indexed_by("ledger_settings")}
 WHERE event_id = :event_id AND version <= :version AND kind IN ('event_created', 'event_changed')
 ORDER BY version DESC LIMIT 1
"""
        self._select_what_is_named(each, each_pair)
        self._select_what_must_end(indexed_by)

    def _select_what_is_named(
        self, each: Callable[[str], str], each_pair: Callable[[str], str]
    ) -> None:
        self.select_reservations = f"""
SELECT {RESERVATION_COLUMNS} FROM reservations
 WHERE event_id = :event_id AND reservation_id IN ({each(":reservation_ids")})
"""
        # CROSS JOIN keeps this order: few wanted keys, each looked up in the index on keys.
        self.select_keys = f"""
SELECT {ENTRY_COLUMNS}
  FROM ({each_pair(":keys")}) AS wanted CROSS JOIN ledger
 WHERE event_id = :event_id AND actor = wanted_first AND idempotency_key = wanted_second
"""
        self.select_entries_at = f"""
SELECT {ENTRY_COLUMNS}
  FROM ({each_pair(":places")}) AS wanted CROSS JOIN ledger
 WHERE event_id = wanted_first AND version = CAST(wanted_second AS bigint)
"""
        self.select_versions = f"""
SELECT event_id, version FROM events WHERE event_id IN ({each(":event_ids")})
"""
        self.select_partners = f"""
SELECT wanted.value, coalesce(seats_taken, 0), coalesce(open_holds, 0), coalesce(frozen, 0)
  FROM ({each(":partner_ids")}) AS wanted
  LEFT JOIN partner_seats ON event_id = :event_id AND partner_seats.partner_id = wanted.value
  LEFT JOIN partners ON partners.partner_id = wanted.value
"""

        self.select_frozen = f"""
SELECT partner_id FROM partners WHERE partner_id IN ({each(":partner_ids")}) AND frozen = 1
"""

    def _select_what_must_end(self, indexed_by: Callable[[str], str]) -> None:
        # The hint: without statistics SQLite would walk all rows of the event instead.
        self.select_live = f"""
SELECT {RESERVATION_COLUMNS} FROM reservations {indexed_by("reservations_live")}
 WHERE event_id = :event_id AND status IN ('held', 'confirmed') LIMIT :limit
"""
        self.select_frozen_holds = f"""
SELECT {RESERVATION_COLUMNS} FROM reservations {indexed_by("reservations_held")}
 WHERE event_id = :event_id AND status = 'held' AND partner_id IN (
       SELECT partner_seats.partner_id FROM partner_seats
         JOIN partners ON partners.partner_id = partner_seats.partner_id AND release_holds = 1
        WHERE event_id = :event_id AND open_holds > 0)
 LIMIT :limit
"""
        self.select_events_due = f"""
SELECT event_id FROM (
       SELECT event_id FROM reservations {indexed_by("reservations_due")}
        WHERE status = 'held' AND expires_at <= :now
       UNION ALL
       SELECT event_id FROM events
        WHERE cancelled = 1 AND (held_seats > 0 OR reservation_count > 0)
       UNION ALL
       SELECT event_id FROM partners CROSS JOIN partner_seats {indexed_by("partner_open_holds")}
        WHERE release_holds = 1 AND partner_seats.partner_id = partners.partner_id
          AND open_holds > 0) AS due
 GROUP BY event_id
 LIMIT :limit
"""


def _stretch(indexed_by: Callable[[str], str], by: str) -> str:
    """A bounded piece of one index."""
    index, key = PAGES[by]
    return f"""
SELECT {RESERVATION_COLUMNS} FROM reservations {indexed_by(index)}
 WHERE event_id = :event_id AND {key} created_version > :after_version
 ORDER BY created_version LIMIT :rows_scanned_max
"""


def _page(indexed_by: Callable[[str], str], by: str) -> str:
    """Look at a stretch, and give of it what the filter wants."""
    return f"""
SELECT * FROM ({_stretch(indexed_by, by)}) AS stretch
 WHERE (CAST(:partner_id AS text) IS NULL OR partner_id = :partner_id)
   AND (CAST(:reference AS text) IS NULL OR reference = :reference)
   AND (CAST(:status AS text) IS NULL OR status = :status)
 ORDER BY created_version LIMIT :limit
"""


def _stretch_end(indexed_by: Callable[[str], str], by: str) -> str:
    stretch = _stretch(indexed_by, by)
    return f"SELECT count(*), max(created_version) FROM ({stretch}) AS stretch"
