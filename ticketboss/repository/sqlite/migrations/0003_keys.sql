-- Who may do what. Of a key only its SHA-256 is kept, and a prefix that tells keys apart.

CREATE TABLE api_keys (
    key_id     TEXT    NOT NULL PRIMARY KEY,
    key_hash   TEXT    NOT NULL UNIQUE CHECK (length(key_hash) = 64),
    prefix     TEXT    NOT NULL CHECK (length(prefix) < 20),
    partner_id TEXT    REFERENCES partners (partner_id),
    scope      TEXT    NOT NULL CHECK (scope IN ('partner', 'operator')),
    is_test    INTEGER NOT NULL CHECK (is_test IN (0, 1)),
    created_at INTEGER NOT NULL,
    revoked_at INTEGER,
    CHECK ((scope = 'partner') = (partner_id IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX api_keys_live ON api_keys (partner_id) WHERE revoked_at IS NULL;

CREATE TABLE admin_log (
    log_id TEXT    NOT NULL PRIMARY KEY,
    at     INTEGER NOT NULL,
    actor  TEXT    NOT NULL,
    action TEXT    NOT NULL,
    detail TEXT    NOT NULL CHECK (json_valid(detail))
) STRICT, WITHOUT ROWID;
