"""Every SQL statement on events, reservations, the ledger and partner seats."""

EVENT_COLUMNS = """event_id, name, total_seats, available_seats, held_seats, reservation_count,
       version, seats_per_reservation_max, seats_per_partner_max, open_holds_per_partner_max,
       hold_seconds_total_max, on_sale_from, on_sale_until, is_test, paused, cancelled"""
RESERVATION_COLUMNS = """reservation_id, partner_id, reference, seats, status, created_at,
       created_version, version, expires_at"""
ENTRY_COLUMNS = """event_id, version, kind, actor, reservation_id, partner_id, seats, total_seats,
       available_seats, held_seats, reservation_count, at, idempotency_key, request_hash, detail"""

SELECT_EVENT = f"SELECT {EVENT_COLUMNS} FROM events WHERE event_id = :event_id"
SELECT_EVENTS = f"""
SELECT {EVENT_COLUMNS} FROM events
 WHERE event_id > :after_event_id AND (:is_test IS NULL OR is_test = :is_test)
 ORDER BY event_id LIMIT :limit
"""
SELECT_RESERVATIONS = f"""
SELECT {RESERVATION_COLUMNS} FROM reservations
 WHERE event_id = :event_id AND reservation_id IN (SELECT value FROM json_each(:reservation_ids))
"""
# Each looks at a bounded stretch of one index, and gives of it what the filter wants.
_STRETCH = f"""
SELECT {RESERVATION_COLUMNS} FROM reservations INDEXED BY {{index}}
 WHERE event_id = :event_id AND {{key}} created_version > :after_version
 ORDER BY created_version LIMIT :rows_scanned_max
"""
_KEYS = {
    "event": {"index": "reservations_created", "key": ""},
    "partner": {"index": "reservations_of_partner", "key": "partner_id = :partner_id AND"},
    "reference": {"index": "reservations_reference", "key": "reference = :reference AND"},
    "partner and reference": {
        "index": "reservations_of_partner_reference",
        "key": "partner_id = :partner_id AND reference = :reference AND",
    },
}
SELECT_RESERVATIONS_PAGE = {
    by: f"""
SELECT * FROM ({_STRETCH.format(**key)})
 WHERE (:partner_id IS NULL OR partner_id = :partner_id)
   AND (:reference IS NULL OR reference = :reference)
   AND (:status IS NULL OR status = :status)
 ORDER BY created_version LIMIT :limit
"""
    for by, key in _KEYS.items()
}
SELECT_STRETCH_END = {
    by: f"SELECT count(*), max(created_version) FROM ({_STRETCH.format(**key)})"
    for by, key in _KEYS.items()
}
COUNT_RESERVATIONS_CREATED = """
SELECT count(*) FROM reservations WHERE event_id = :event_id AND created_version <= :up_to_version
"""
# CROSS JOIN keeps this order: few wanted keys, each looked up in the index on keys.
SELECT_KEYS = f"""
SELECT {ENTRY_COLUMNS}
  FROM json_each(:keys) AS wanted
 CROSS JOIN ledger ON event_id = :event_id
   AND actor = json_extract(wanted.value, '$[0]')
   AND idempotency_key = json_extract(wanted.value, '$[1]')
"""
SELECT_LEDGER = f"""
SELECT {ENTRY_COLUMNS} FROM ledger
 WHERE event_id = :event_id AND version > :after_version ORDER BY version LIMIT :limit
"""
SELECT_ENTRY_AT = f"""
SELECT {ENTRY_COLUMNS} FROM ledger WHERE event_id = :event_id AND version = :version
"""
SELECT_SETTINGS_AT = f"""
SELECT {ENTRY_COLUMNS} FROM ledger INDEXED BY ledger_settings
 WHERE event_id = :event_id AND version <= :version AND kind IN ('event_created', 'event_changed')
 ORDER BY version DESC LIMIT 1
"""
SELECT_VERSIONS = """
SELECT event_id, version FROM events WHERE event_id IN (SELECT value FROM json_each(:event_ids))
"""
SELECT_COMMIT_ID = "SELECT commit_id FROM ledger WHERE event_id = :event_id AND version = :version"
SELECT_PARTNERS = """
SELECT wanted.value, coalesce(seats_taken, 0), coalesce(open_holds, 0), coalesce(frozen, 0)
  FROM json_each(:partner_ids) AS wanted
  LEFT JOIN partner_seats ON event_id = :event_id AND partner_seats.partner_id = wanted.value
  LEFT JOIN partners ON partners.partner_id = wanted.value
"""
SELECT_PARTNER_TOTALS = """
SELECT partner_id, seats_taken, open_holds FROM partner_seats WHERE event_id = :event_id
"""

SELECT_DUE_HOLDS = f"""
SELECT {RESERVATION_COLUMNS} FROM reservations
 WHERE event_id = :event_id AND status = 'held' AND expires_at <= :now
 ORDER BY expires_at LIMIT :limit
"""
# INDEXED BY: without statistics SQLite would walk all rows of the event instead.
SELECT_LIVE = f"""
SELECT {RESERVATION_COLUMNS} FROM reservations INDEXED BY reservations_live
 WHERE event_id = :event_id AND status IN ('held', 'confirmed') LIMIT :limit
"""
SELECT_FROZEN_HOLDS = f"""
SELECT {RESERVATION_COLUMNS} FROM reservations INDEXED BY reservations_held
 WHERE event_id = :event_id AND status = 'held' AND partner_id IN (
       SELECT partner_seats.partner_id FROM partner_seats
         JOIN partners ON partners.partner_id = partner_seats.partner_id AND release_holds = 1
        WHERE event_id = :event_id AND open_holds > 0)
 LIMIT :limit
"""
SELECT_NEXT_HOLD_EXPIRES_AT = """
SELECT min(expires_at) FROM reservations
 WHERE event_id = :event_id AND status = 'held' AND expires_at > :now
"""
SELECT_EVENTS_DUE = """
SELECT event_id FROM (
       SELECT event_id FROM reservations INDEXED BY reservations_due
        WHERE status = 'held' AND expires_at <= :now
       UNION ALL
       SELECT event_id FROM events
        WHERE cancelled = 1 AND (held_seats > 0 OR reservation_count > 0)
       UNION ALL
       SELECT event_id FROM partners CROSS JOIN partner_seats INDEXED BY partner_open_holds
           ON partner_seats.partner_id = partners.partner_id AND open_holds > 0
        WHERE release_holds = 1)
 GROUP BY event_id
 LIMIT :limit
"""

INSERT_EVENT = """
INSERT INTO events (event_id, name, total_seats, available_seats, held_seats, reservation_count,
                    version, seats_per_reservation_max, is_test, seats_per_partner_max,
                    open_holds_per_partner_max, hold_seconds_total_max, on_sale_from,
                    on_sale_until, paused, cancelled)
VALUES (:event_id, :name, :total_seats, :available_seats, :held_seats, :reservation_count,
        :version, :seats_per_reservation_max, :is_test, :seats_per_partner_max,
        :open_holds_per_partner_max, :hold_seconds_total_max, :on_sale_from,
        :on_sale_until, :paused, :cancelled)
ON CONFLICT (event_id) DO NOTHING
"""
# The compare-and-set: no row changes when somebody else was faster.
UPDATE_EVENT = """
UPDATE events
   SET name = :name, total_seats = :total_seats, available_seats = :available_seats,
       held_seats = :held_seats, reservation_count = :reservation_count, version = :version,
       seats_per_reservation_max = :seats_per_reservation_max,
       seats_per_partner_max = :seats_per_partner_max,
       open_holds_per_partner_max = :open_holds_per_partner_max,
       hold_seconds_total_max = :hold_seconds_total_max, on_sale_from = :on_sale_from,
       on_sale_until = :on_sale_until, paused = :paused, cancelled = :cancelled
 WHERE event_id = :event_id AND version = :version_read
"""
INSERT_RESERVATION = """
INSERT INTO reservations (event_id, reservation_id, partner_id, reference, seats, status,
                          created_at, created_version, version, expires_at)
VALUES (:event_id, :reservation_id, :partner_id, :reference, :seats, :status,
        :created_at, :created_version, :version, :expires_at)
"""
UPDATE_RESERVATION = """
UPDATE reservations
   SET seats = :seats, status = :status, version = :version, expires_at = :expires_at
 WHERE event_id = :event_id AND reservation_id = :reservation_id AND version = :version_read
"""
INSERT_ENTRY = """
INSERT INTO ledger (event_id, version, kind, actor, reservation_id, partner_id, seats,
                    total_seats, available_seats, held_seats, reservation_count, at,
                    idempotency_key, request_hash, detail, commit_id)
VALUES (:event_id, :version, :kind, :actor, :reservation_id, :partner_id, :seats,
        :total_seats, :available_seats, :held_seats, :reservation_count, :at,
        :idempotency_key, :request_hash, :detail, :commit_id)
"""
UPSERT_PARTNER_TOTALS = """
INSERT INTO partner_seats (event_id, partner_id, seats_taken, open_holds)
VALUES (:event_id, :partner_id, :seats_taken, :open_holds)
ON CONFLICT (event_id, partner_id)
DO UPDATE SET seats_taken = excluded.seats_taken, open_holds = excluded.open_holds
"""
