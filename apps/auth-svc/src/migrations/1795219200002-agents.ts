import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Agents1795219200002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE agents (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL REFERENCES orgs ON DELETE CASCADE,
        -- The human who registered it; kept when that human is gone.
        created_by uuid NOT NULL,
        name text NOT NULL,
        description text,
        auth_method text NOT NULL CHECK (auth_method IN ('api_key', 'mtls', 'oidc_client_credentials')),
        scopes text[] NOT NULL DEFAULT '{}',
        vault_ids uuid[] NOT NULL DEFAULT '{}',
        is_active boolean NOT NULL DEFAULT true,
        intents_api_enabled boolean NOT NULL DEFAULT false,
        tx_to_allowlist text[] NOT NULL DEFAULT '{}',
        tx_max_value_eth text,
        tx_daily_limit_eth text,
        tx_allowed_chains text[] NOT NULL DEFAULT '{}',
        token_ttl_seconds integer CHECK (token_ttl_seconds BETWEEN 120 AND 86400),
        client_cert_fingerprint text,
        oidc_issuer text,
        oidc_client_id text,
        -- Raw Ed25519 point; uncompressed P-256 point.
        ssh_public_key bytea NOT NULL,
        ecdh_public_key bytea NOT NULL,
        shroud_enabled boolean NOT NULL DEFAULT false,
        -- JSON object, returned as it came.
        shroud_config text,
        -- HMAC of the key under the HSM's MAC key; the key itself is nowhere.
        api_key_mac bytea CONSTRAINT agents_api_key_mac_key UNIQUE,
        key_prefix text,
        -- Tokens made under another epoch are void.
        credential_epoch integer NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        last_active_at timestamptz,
        CHECK ((api_key_mac IS NOT NULL) = (auth_method = 'api_key')),
        CHECK ((api_key_mac IS NULL) = (key_prefix IS NULL)),
        CHECK (auth_method <> 'mtls' OR client_cert_fingerprint IS NOT NULL),
        CHECK (auth_method <> 'oidc_client_credentials' OR (oidc_issuer IS NOT NULL AND oidc_client_id IS NOT NULL))
      ) WITH (fillfactor = 80) -- last_active_at changes often: leave room to update within the page`);
    await runner.query('CREATE INDEX agents_org_created_at ON agents (org_id, created_at, id)');
    await grantToApp(runner, { agents: 'SELECT, INSERT, UPDATE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE agents');
  }
}
