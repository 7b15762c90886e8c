-- +goose Up
ALTER TABLE person_session ADD COLUMN method TEXT NOT NULL DEFAULT 'password';  -- of the first step: password, link, passkey, provider
ALTER TABLE person_session ADD COLUMN strong BOOLEAN NOT NULL DEFAULT FALSE;    -- a second factor was given, or a passkey, or the provider asked for one
ALTER TABLE person_session ADD COLUMN device TEXT NOT NULL DEFAULT '';          -- in coarse words, for the list of own sessions

CREATE TABLE person_passkey (
    id         TEXT PRIMARY KEY,
    person_id  TEXT NOT NULL REFERENCES person (id),
    credential TEXT NOT NULL UNIQUE,       -- the credential's id, base64url
    host       TEXT NOT NULL,              -- domain it was made for
    name       TEXT NOT NULL,              -- as its owner calls it
    data       TEXT NOT NULL,              -- public key, counter and flags, JSON
    created_at BIGINT NOT NULL,
    used_at    BIGINT,
    copied     BOOLEAN NOT NULL            -- its counter went backwards: no longer accepted
);
CREATE INDEX person_passkey_person ON person_passkey (person_id);

CREATE TABLE person_totp (
    person_id  TEXT PRIMARY KEY REFERENCES person (id),
    secret     BYTEA NOT NULL,             -- sealed: see seal.go
    created_at BIGINT NOT NULL,
    last_step  BIGINT NOT NULL             -- time step of the last code taken: none is taken twice
);

CREATE TABLE person_recovery (
    person_id TEXT NOT NULL REFERENCES person (id),
    hash      TEXT NOT NULL,               -- Argon2id, PHC string; the codes of a person share a salt
    PRIMARY KEY (person_id, hash)
);

CREATE TABLE person_identity (
    issuer    TEXT NOT NULL,
    subject   TEXT NOT NULL,
    person_id TEXT NOT NULL REFERENCES person (id),
    linked_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE UNIQUE INDEX person_identity_person ON person_identity (person_id, issuer);

CREATE TABLE person_used (
    hash       TEXT PRIMARY KEY,           -- SHA-256 of something sealed that is good for one use
    expires_at BIGINT NOT NULL
);

CREATE TABLE person_key (
    name  TEXT PRIMARY KEY,
    value BYTEA NOT NULL                   -- random: seals what travels through pages and cookies, on every node
);

-- +goose Down
DROP TABLE person_key;
DROP TABLE person_used;
DROP TABLE person_identity;
DROP TABLE person_recovery;
DROP TABLE person_totp;
DROP TABLE person_passkey;
ALTER TABLE person_session DROP COLUMN device;
ALTER TABLE person_session DROP COLUMN strong;
ALTER TABLE person_session DROP COLUMN method;
