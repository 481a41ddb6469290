-- For looking up a partner's reference: others that use the same one must not stand in the way.
CREATE INDEX reservations_of_partner_reference
    ON reservations (event_id, partner_id, reference, created_version)
    WHERE reference IS NOT NULL;
