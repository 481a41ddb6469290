"""Every SQL statement on events, reservations, the ledger and partner seats."""

EVENT_COLUMNS = """event_id, name, total_seats, available_seats, held_seats, reservation_count,
       version, seats_per_reservation_max"""
RESERVATION_COLUMNS = """reservation_id, partner_id, reference, seats, status, created_at,
       created_version, version"""
ENTRY_COLUMNS = """event_id, version, kind, actor, reservation_id, partner_id, seats, total_seats,
       available_seats, held_seats, reservation_count, at, idempotency_key, request_hash, detail"""

SELECT_EVENT = f"SELECT {EVENT_COLUMNS} FROM events WHERE event_id = :event_id"
SELECT_EVENTS = f"""
SELECT {EVENT_COLUMNS} FROM events
 WHERE event_id > :after_event_id ORDER BY event_id LIMIT :limit
"""
SELECT_RESERVATIONS = f"""
SELECT {RESERVATION_COLUMNS} FROM reservations
 WHERE event_id = :event_id AND reservation_id IN (SELECT value FROM json_each(:reservation_ids))
"""
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
SELECT_COMMIT_ID = "SELECT commit_id FROM ledger WHERE event_id = :event_id AND version = :version"
SELECT_PARTNER_SEATS = """
SELECT partner_id, seats_taken FROM partner_seats
 WHERE event_id = :event_id AND partner_id IN (SELECT value FROM json_each(:partner_ids))
"""
SELECT_ALL_PARTNER_SEATS = """
SELECT partner_id, seats_taken FROM partner_seats WHERE event_id = :event_id
"""

INSERT_EVENT = """
INSERT INTO events (event_id, name, total_seats, available_seats, held_seats, reservation_count,
                    version, seats_per_reservation_max)
VALUES (:event_id, :name, :total_seats, :available_seats, :held_seats, :reservation_count,
        :version, :seats_per_reservation_max)
ON CONFLICT (event_id) DO NOTHING
"""
# The compare-and-set: no row changes when somebody else was faster.
UPDATE_EVENT = """
UPDATE events
   SET name = :name, total_seats = :total_seats, available_seats = :available_seats,
       held_seats = :held_seats, reservation_count = :reservation_count, version = :version,
       seats_per_reservation_max = :seats_per_reservation_max
 WHERE event_id = :event_id AND version = :version_read
"""
INSERT_RESERVATION = """
INSERT INTO reservations (event_id, reservation_id, partner_id, reference, seats, status,
                          created_at, created_version, version)
VALUES (:event_id, :reservation_id, :partner_id, :reference, :seats, :status,
        :created_at, :created_version, :version)
"""
UPDATE_RESERVATION = """
UPDATE reservations SET seats = :seats, status = :status, version = :version
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
UPSERT_PARTNER_SEATS = """
INSERT INTO partner_seats (event_id, partner_id, seats_taken)
VALUES (:event_id, :partner_id, :seats_taken)
ON CONFLICT (event_id, partner_id) DO UPDATE SET seats_taken = excluded.seats_taken
"""
