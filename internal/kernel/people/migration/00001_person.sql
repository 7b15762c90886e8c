-- +goose Up
CREATE TABLE person (
    id          TEXT PRIMARY KEY,
    email       TEXT NOT NULL,
    email_key   TEXT NOT NULL UNIQUE,      -- folded in Go: equal however it is typed
    name        TEXT NOT NULL,
    role        TEXT NOT NULL,
    lang        TEXT NOT NULL,
    password    TEXT NOT NULL,             -- Argon2id, PHC string; empty until one is set
    created_at  BIGINT NOT NULL,
    disabled_at BIGINT
);

CREATE TABLE person_session (
    hash       TEXT PRIMARY KEY,           -- SHA-256 of the token
    person_id  TEXT NOT NULL REFERENCES person (id),
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL             -- to the minute
);
CREATE INDEX person_session_person ON person_session (person_id);

CREATE TABLE person_link (
    hash       TEXT PRIMARY KEY,           -- SHA-256 of the token
    purpose    TEXT NOT NULL,              -- setup, password
    person_id  TEXT REFERENCES person (id),
    expires_at BIGINT NOT NULL
);
CREATE INDEX person_link_person ON person_link (person_id);

-- +goose Down
DROP TABLE person_link;
DROP TABLE person_session;
DROP TABLE person;
