-- +goose Up
CREATE TABLE round (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    iteration BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'open', 'closing', 'closed')),
    detail JSONB NOT NULL
);

CREATE TABLE population (
    round_id TEXT NOT NULL REFERENCES round (id),
    kind TEXT NOT NULL CHECK (kind IN ('official', 'private')),
    plan JSONB NOT NULL,
    instrument TEXT NOT NULL,
    PRIMARY KEY (round_id, kind)
);

-- An invitation. There is no time, no name and nothing that an answer also
-- has. state: 0 unused, 1 pending, 2 used. All rows go when the round closes.
CREATE TABLE code (
    round_id TEXT NOT NULL REFERENCES round (id),
    selector TEXT NOT NULL,
    stratum BIGINT NOT NULL,
    salt BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    state BIGINT NOT NULL DEFAULT 0,
    pending BYTEA,
    PRIMARY KEY (round_id, selector)
);

-- Used codes as of the end of a day, rounded down to ten, nothing under
-- thirty. Only the last day is kept.
CREATE TABLE fieldwork (
    round_id TEXT NOT NULL REFERENCES round (id),
    stratum BIGINT NOT NULL,
    day TEXT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (round_id, stratum)
);

-- Codes made and used, counted when the round closes.
CREATE TABLE tally (
    round_id TEXT NOT NULL REFERENCES round (id),
    stratum BIGINT NOT NULL,
    invited BIGINT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (round_id, stratum)
);

-- +goose Down
DROP TABLE tally;
DROP TABLE fieldwork;
DROP TABLE code;
DROP TABLE population;
DROP TABLE round;
