-- What a service of this kind needs at least; the counters spare a summary the counting.
CREATE TABLE IF NOT EXISTS events (
    event_id          TEXT PRIMARY KEY,
    name              TEXT NOT NULL,
    total_seats       INTEGER NOT NULL,
    available_seats   INTEGER NOT NULL CHECK (available_seats >= 0),
    reservation_count INTEGER NOT NULL DEFAULT 0,
    version           INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS reservations (
    reservation_id TEXT PRIMARY KEY,
    event_id       TEXT NOT NULL REFERENCES events,
    partner_id     TEXT NOT NULL,
    seats          INTEGER NOT NULL,
    status         TEXT NOT NULL DEFAULT 'confirmed',
    created_at     TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
