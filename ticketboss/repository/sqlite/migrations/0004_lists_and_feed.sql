-- For lists of one partner's reservations in commit order, and for looking a reference up.
CREATE INDEX reservations_of_partner ON reservations (event_id, partner_id, created_version);
CREATE INDEX reservations_reference ON reservations (event_id, reference, created_version)
    WHERE reference IS NOT NULL;
-- For the settings of an event as they were at some version.
CREATE INDEX ledger_settings ON ledger (event_id, version)
    WHERE kind IN ('event_created', 'event_changed');
