-- Times are milliseconds since 1970, UTC; booleans are 0 and 1.

ALTER TABLE events ADD COLUMN is_test INTEGER NOT NULL DEFAULT 0 CHECK (is_test IN (0, 1));
ALTER TABLE events ADD COLUMN seats_per_partner_max INTEGER
    CHECK (seats_per_partner_max IS NULL OR seats_per_partner_max > 0);
ALTER TABLE events ADD COLUMN open_holds_per_partner_max INTEGER NOT NULL DEFAULT 1000
    CHECK (open_holds_per_partner_max >= 0);
ALTER TABLE events ADD COLUMN hold_seconds_total_max INTEGER NOT NULL DEFAULT 3600
    CHECK (hold_seconds_total_max > 0);
ALTER TABLE events ADD COLUMN on_sale_from INTEGER;
ALTER TABLE events ADD COLUMN on_sale_until INTEGER
    CHECK (on_sale_from IS NULL OR on_sale_until IS NULL OR on_sale_from < on_sale_until);
ALTER TABLE events ADD COLUMN paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1));
ALTER TABLE events ADD COLUMN cancelled INTEGER NOT NULL DEFAULT 0 CHECK (cancelled IN (0, 1));
CREATE INDEX events_cancelled ON events (event_id) WHERE cancelled = 1;

ALTER TABLE reservations ADD COLUMN expires_at INTEGER
    CHECK ((status = 'held') = (expires_at IS NOT NULL));
-- For the sweeper, over all events; and for the snapshot of one event.
CREATE INDEX reservations_due ON reservations (expires_at) WHERE status = 'held';
CREATE INDEX reservations_held ON reservations (event_id, expires_at) WHERE status = 'held';
-- For ending what a cancelled event still has.
CREATE INDEX reservations_live ON reservations (event_id) WHERE status IN ('held', 'confirmed');

ALTER TABLE partner_seats ADD COLUMN open_holds INTEGER NOT NULL DEFAULT 0
    CHECK (open_holds >= 0);
CREATE INDEX partner_open_holds ON partner_seats (partner_id) WHERE open_holds > 0;

CREATE TABLE partners (
    partner_id    TEXT    NOT NULL PRIMARY KEY,
    name          TEXT    NOT NULL,
    frozen        INTEGER NOT NULL DEFAULT 0 CHECK (frozen IN (0, 1)),
    release_holds INTEGER NOT NULL DEFAULT 0 CHECK (release_holds IN (0, 1)),
    CHECK (frozen = 1 OR release_holds = 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX partners_releasing ON partners (partner_id) WHERE release_holds = 1;
