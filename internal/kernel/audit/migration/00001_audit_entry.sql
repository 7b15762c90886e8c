-- +goose Up
CREATE TABLE audit_entry (
    seq        BIGINT PRIMARY KEY,         -- 1, 2, 3, … without gaps
    at         BIGINT NOT NULL,            -- whole seconds, in microseconds
    actor_id   TEXT NOT NULL,              -- empty for the console and the program itself
    actor_name TEXT NOT NULL,              -- as it was then
    action     TEXT NOT NULL,
    object     TEXT NOT NULL,
    detail     TEXT NOT NULL,              -- JSON list of [name, value], byte for byte as it was hashed
    hash       BYTEA NOT NULL              -- SHA-256 over the hash before and this entry
);

-- +goose Down
DROP TABLE audit_entry;
