"""The SQL that every backend understands.

Parameters are named like `:event_id`. Only what is run once for each of many rows has them in the
order of the columns, as `?`: finding each by its name costs as much as writing the row.
"""

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
 WHERE event_id > :after_event_id AND (CAST(:is_test AS integer) IS NULL OR is_test = :is_test)
 ORDER BY event_id LIMIT :limit
"""
COUNT_RESERVATIONS_CREATED = """
SELECT count(*) FROM reservations WHERE event_id = :event_id AND created_version <= :up_to_version
"""
SELECT_LEDGER = f"""
SELECT {ENTRY_COLUMNS} FROM ledger
 WHERE event_id = :event_id AND version > :after_version ORDER BY version LIMIT :limit
"""
SELECT_ENTRY_AT = f"""
SELECT {ENTRY_COLUMNS} FROM ledger WHERE event_id = :event_id AND version = :version
"""
SELECT_COMMIT_ID = "SELECT commit_id FROM ledger WHERE event_id = :event_id AND version = :version"
SELECT_PARTNER_TOTALS = """
SELECT partner_id, seats_taken, open_holds FROM partner_seats WHERE event_id = :event_id
"""
SELECT_DUE_HOLDS = f"""
SELECT {RESERVATION_COLUMNS} FROM reservations
 WHERE event_id = :event_id AND status = 'held' AND expires_at <= :now
 ORDER BY expires_at LIMIT :limit
"""
SELECT_NEXT_HOLD_EXPIRES_AT = """
SELECT min(expires_at) FROM reservations
 WHERE event_id = :event_id AND status = 'held' AND expires_at > :now
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
RETURNING version
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
RETURNING version
"""
INSERT_RESERVATION = f"""
INSERT INTO reservations (event_id, {RESERVATION_COLUMNS})
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
UPDATE_RESERVATION = """
UPDATE reservations
   SET seats = :seats, status = :status, version = :version, expires_at = :expires_at
 WHERE event_id = :event_id AND reservation_id = :reservation_id AND version = :version_read
RETURNING version
"""
INSERT_ENTRY = f"""
INSERT INTO ledger ({ENTRY_COLUMNS}, commit_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
UPSERT_PARTNER_TOTALS = """
INSERT INTO partner_seats (event_id, partner_id, seats_taken, open_holds)
VALUES (?, ?, ?, ?)
ON CONFLICT (event_id, partner_id)
DO UPDATE SET seats_taken = excluded.seats_taken, open_holds = excluded.open_holds
"""
