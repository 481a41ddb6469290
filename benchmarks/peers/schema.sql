-- What a service of this kind needs at least; the counters spare a summary the counting. Whatever
-- it has in common with TicketBoss's tables has the same constraints.
CREATE TABLE IF NOT EXISTS events (
    event_id          TEXT PRIMARY KEY,
    name              TEXT NOT NULL,
    total_seats       INTEGER NOT NULL CHECK (total_seats > 0),
    available_seats   INTEGER NOT NULL CHECK (available_seats >= 0),
    reservation_count INTEGER NOT NULL DEFAULT 0 CHECK (reservation_count >= 0),
    version           INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0),
    CHECK (available_seats <= total_seats)
);
CREATE TABLE IF NOT EXISTS reservations (
    reservation_id TEXT PRIMARY KEY,
    event_id       TEXT NOT NULL REFERENCES events (event_id),
    partner_id     TEXT NOT NULL,
    seats          INTEGER NOT NULL CHECK (seats > 0),
    status         TEXT NOT NULL DEFAULT 'confirmed' CHECK (status IN ('confirmed', 'cancelled')),
    created_at     TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
