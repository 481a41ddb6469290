-- Times are milliseconds since 1970, UTC. Every key begins with the event.

CREATE TABLE events (
    event_id                  TEXT    NOT NULL PRIMARY KEY,
    name                      TEXT    NOT NULL,
    total_seats               INTEGER NOT NULL CHECK (total_seats > 0),
    available_seats           INTEGER NOT NULL CHECK (available_seats >= 0),
    held_seats                INTEGER NOT NULL CHECK (held_seats >= 0),
    reservation_count         INTEGER NOT NULL CHECK (reservation_count >= 0),
    version                   INTEGER NOT NULL CHECK (version >= 0),
    seats_per_reservation_max INTEGER NOT NULL CHECK (seats_per_reservation_max > 0),
    CHECK (available_seats + held_seats <= total_seats)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger (
    event_id          TEXT    NOT NULL REFERENCES events (event_id),
    version           INTEGER NOT NULL CHECK (version >= 0),
    kind              TEXT    NOT NULL,
    actor             TEXT    NOT NULL,
    reservation_id    TEXT,
    partner_id        TEXT,
    seats             INTEGER NOT NULL CHECK (seats >= 0),
    total_seats       INTEGER NOT NULL,
    available_seats   INTEGER NOT NULL,
    held_seats        INTEGER NOT NULL,
    reservation_count INTEGER NOT NULL,
    at                INTEGER NOT NULL,
    idempotency_key   TEXT,
    request_hash      TEXT,
    detail            TEXT    CHECK (detail IS NULL OR json_valid(detail)),
    commit_id         INTEGER NOT NULL,
    PRIMARY KEY (event_id, version),
    CHECK ((idempotency_key IS NULL) = (request_hash IS NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX ledger_idempotency_key ON ledger (event_id, actor, idempotency_key)
    WHERE idempotency_key IS NOT NULL;

CREATE TABLE reservations (
    event_id        TEXT    NOT NULL,
    reservation_id  TEXT    NOT NULL,
    partner_id      TEXT    NOT NULL,
    reference       TEXT,
    seats           INTEGER NOT NULL CHECK (seats > 0),
    status          TEXT    NOT NULL CHECK (status IN ('held', 'confirmed', 'cancelled', 'expired')),
    created_at      INTEGER NOT NULL,
    created_version INTEGER NOT NULL,
    version         INTEGER NOT NULL CHECK (version >= created_version),
    PRIMARY KEY (event_id, reservation_id),
    FOREIGN KEY (event_id) REFERENCES events (event_id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX reservations_created ON reservations (event_id, created_version);

CREATE TABLE partner_seats (
    event_id    TEXT    NOT NULL REFERENCES events (event_id),
    partner_id  TEXT    NOT NULL,
    seats_taken INTEGER NOT NULL CHECK (seats_taken >= 0),
    PRIMARY KEY (event_id, partner_id)
) STRICT, WITHOUT ROWID;
