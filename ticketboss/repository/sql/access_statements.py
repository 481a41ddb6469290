"""Every SQL statement on keys, partners and the admin log."""

KEY_COLUMNS = "key_id, prefix, partner_id, is_test, created_at, revoked_at"
PARTNER_COLUMNS = """partner_id, name, frozen, release_holds,
       (SELECT count(*) FROM api_keys
         WHERE api_keys.partner_id = partners.partner_id AND revoked_at IS NULL),
       (SELECT CAST(coalesce(sum(open_holds), 0) AS bigint) FROM partner_seats
         WHERE partner_seats.partner_id = partners.partner_id AND open_holds > 0)"""

SELECT_LIVE_KEY = f"""
SELECT {KEY_COLUMNS} FROM api_keys WHERE key_hash = :key_hash AND revoked_at IS NULL
"""
SELECT_KEY = f"SELECT {KEY_COLUMNS} FROM api_keys WHERE key_id = :key_id"
SELECT_KEYS = f"""
SELECT {KEY_COLUMNS} FROM api_keys WHERE key_id > :after_key_id ORDER BY key_id LIMIT :limit
"""
INSERT_KEY = """
INSERT INTO api_keys (key_id, key_hash, prefix, partner_id, scope, is_test, created_at,
                      revoked_at)
VALUES (:key_id, :key_hash, :prefix, :partner_id, :scope, :is_test, :created_at, :revoked_at)
"""
REVOKE_KEY = "UPDATE api_keys SET revoked_at = :at WHERE key_id = :key_id AND revoked_at IS NULL"

SELECT_PARTNER = f"SELECT {PARTNER_COLUMNS} FROM partners WHERE partner_id = :partner_id"
SELECT_PARTNERS_PAGE = f"""
SELECT {PARTNER_COLUMNS} FROM partners
 WHERE partner_id > :after_partner_id ORDER BY partner_id LIMIT :limit
"""
UPSERT_PARTNER_NAME = """
INSERT INTO partners (partner_id, name) VALUES (:partner_id, coalesce(:name, :partner_id))
ON CONFLICT (partner_id) DO UPDATE SET name = coalesce(:name, partners.name)
"""
UPSERT_PARTNER_FLAGS = """
INSERT INTO partners (partner_id, name, frozen, release_holds)
VALUES (:partner_id, :name, :frozen, :release_holds)
ON CONFLICT (partner_id)
DO UPDATE SET frozen = excluded.frozen, release_holds = excluded.release_holds
"""

INSERT_LOG = """
INSERT INTO admin_log (log_id, at, actor, action, detail)
VALUES (:log_id, :at, :actor, :action, :detail)
"""
# The tilde comes behind all ids; an OR would read the whole table.
SELECT_LOG = """
SELECT log_id, at, actor, action, detail FROM admin_log
 WHERE log_id < coalesce(:before_log_id, '~') ORDER BY log_id DESC LIMIT :limit
"""
