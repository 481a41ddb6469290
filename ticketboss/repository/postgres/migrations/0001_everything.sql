-- Times are milliseconds since 1970, UTC; booleans are 0 and 1. Every key begins with the event.
-- Ids are compared byte by byte (COLLATE "C"), so that pages have the same order everywhere.

CREATE TABLE events (
    event_id                   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name                       TEXT     NOT NULL,
    total_seats                BIGINT   NOT NULL CHECK (total_seats > 0),
    available_seats            BIGINT   NOT NULL CHECK (available_seats >= 0),
    held_seats                 BIGINT   NOT NULL CHECK (held_seats >= 0),
    reservation_count          BIGINT   NOT NULL CHECK (reservation_count >= 0),
    version                    BIGINT   NOT NULL CHECK (version >= 0),
    seats_per_reservation_max  BIGINT   NOT NULL CHECK (seats_per_reservation_max > 0),
    is_test                    SMALLINT NOT NULL CHECK (is_test IN (0, 1)),
    seats_per_partner_max      BIGINT   CHECK (seats_per_partner_max IS NULL OR seats_per_partner_max > 0),
    open_holds_per_partner_max BIGINT   NOT NULL CHECK (open_holds_per_partner_max >= 0),
    hold_seconds_total_max     BIGINT   NOT NULL CHECK (hold_seconds_total_max > 0),
    on_sale_from               BIGINT,
    on_sale_until              BIGINT,
    paused                     SMALLINT NOT NULL CHECK (paused IN (0, 1)),
    cancelled                  SMALLINT NOT NULL CHECK (cancelled IN (0, 1)),
    CHECK (available_seats + held_seats <= total_seats),
    CHECK (on_sale_from IS NULL OR on_sale_until IS NULL OR on_sale_from < on_sale_until)
);
CREATE INDEX events_cancelled ON events (event_id) WHERE cancelled = 1;

CREATE TABLE ledger (
    event_id          TEXT COLLATE "C" NOT NULL REFERENCES events (event_id),
    version           BIGINT NOT NULL CHECK (version >= 0),
    kind              TEXT   NOT NULL,
    actor             TEXT COLLATE "C" NOT NULL,
    reservation_id    TEXT COLLATE "C",
    partner_id        TEXT COLLATE "C",
    seats             BIGINT NOT NULL CHECK (seats >= 0),
    total_seats       BIGINT NOT NULL,
    available_seats   BIGINT NOT NULL,
    held_seats        BIGINT NOT NULL,
    reservation_count BIGINT NOT NULL,
    at                BIGINT NOT NULL,
    idempotency_key   TEXT COLLATE "C",
    request_hash      TEXT,
    detail            TEXT,
    commit_id         BIGINT NOT NULL,
    PRIMARY KEY (event_id, version),
    CHECK ((idempotency_key IS NULL) = (request_hash IS NULL))
);
CREATE UNIQUE INDEX ledger_idempotency_key ON ledger (event_id, actor, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
-- For the settings of an event as they were at some version.
CREATE INDEX ledger_settings ON ledger (event_id, version)
    WHERE kind IN ('event_created', 'event_changed');

CREATE TABLE reservations (
    event_id        TEXT COLLATE "C" NOT NULL REFERENCES events (event_id),
    reservation_id  TEXT COLLATE "C" NOT NULL,
    partner_id      TEXT COLLATE "C" NOT NULL,
    reference       TEXT COLLATE "C",
    seats           BIGINT NOT NULL CHECK (seats > 0),
    status          TEXT   NOT NULL CHECK (status IN ('held', 'confirmed', 'cancelled', 'expired')),
    created_at      BIGINT NOT NULL,
    created_version BIGINT NOT NULL,
    version         BIGINT NOT NULL CHECK (version >= created_version),
    expires_at      BIGINT CHECK ((status = 'held') = (expires_at IS NOT NULL)),
    PRIMARY KEY (event_id, reservation_id)
);
CREATE UNIQUE INDEX reservations_created ON reservations (event_id, created_version);
-- For the sweeper, over all events; and for the snapshot of one event.
CREATE INDEX reservations_due ON reservations (expires_at) WHERE status = 'held';
CREATE INDEX reservations_held ON reservations (event_id, expires_at) WHERE status = 'held';
-- For ending what a cancelled event still has.
CREATE INDEX reservations_live ON reservations (event_id) WHERE status IN ('held', 'confirmed');
-- For lists of one partner's reservations in commit order, and for looking a reference up.
CREATE INDEX reservations_of_partner ON reservations (event_id, partner_id, created_version);
CREATE INDEX reservations_reference ON reservations (event_id, reference, created_version)
    WHERE reference IS NOT NULL;

CREATE INDEX reservations_of_partner_reference
    ON reservations (event_id, partner_id, reference, created_version)
    WHERE reference IS NOT NULL;

CREATE TABLE partner_seats (
    event_id    TEXT COLLATE "C" NOT NULL REFERENCES events (event_id),
    partner_id  TEXT COLLATE "C" NOT NULL,
    seats_taken BIGINT NOT NULL CHECK (seats_taken >= 0),
    open_holds  BIGINT NOT NULL CHECK (open_holds >= 0),
    PRIMARY KEY (event_id, partner_id)
);
CREATE INDEX partner_open_holds ON partner_seats (partner_id) WHERE open_holds > 0;

CREATE TABLE partners (
    partner_id    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name          TEXT     NOT NULL,
    frozen        SMALLINT NOT NULL DEFAULT 0 CHECK (frozen IN (0, 1)),
    release_holds SMALLINT NOT NULL DEFAULT 0 CHECK (release_holds IN (0, 1)),
    CHECK (frozen = 1 OR release_holds = 0)
);
CREATE INDEX partners_releasing ON partners (partner_id) WHERE release_holds = 1;

-- Of a key only its SHA-256 is kept, and a prefix that tells keys apart.
CREATE TABLE api_keys (
    key_id     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    key_hash   TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(key_hash) = 64),
    prefix     TEXT     NOT NULL CHECK (length(prefix) < 20),
    partner_id TEXT COLLATE "C" REFERENCES partners (partner_id),
    scope      TEXT     NOT NULL CHECK (scope IN ('partner', 'operator')),
    is_test    SMALLINT NOT NULL CHECK (is_test IN (0, 1)),
    created_at BIGINT   NOT NULL,
    revoked_at BIGINT,
    CHECK ((scope = 'partner') = (partner_id IS NOT NULL))
);
CREATE INDEX api_keys_live ON api_keys (partner_id) WHERE revoked_at IS NULL;

CREATE TABLE admin_log (
    log_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    at     BIGINT NOT NULL,
    actor  TEXT   NOT NULL,
    action TEXT   NOT NULL,
    detail TEXT   NOT NULL
);
