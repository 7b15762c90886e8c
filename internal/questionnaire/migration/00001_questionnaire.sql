-- +goose Up
-- A questionnaire of the library. draft is what is being worked on, always fit to be read; ledger
-- what is noted of its translations; place the number of its state among the edits. noted is who
-- changed it last and on which day: the trail says so once a day.
CREATE TABLE questionnaire (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    revision BIGINT NOT NULL,
    place BIGINT NOT NULL,
    draft TEXT NOT NULL,
    ledger JSONB NOT NULL,
    warnings JSONB NOT NULL,
    noted TEXT NOT NULL
);

-- The last states of a draft, for undo and redo: the questionnaire and its ledger, packed. what
-- names the change that led to the state.
CREATE TABLE questionnaire_edit (
    questionnaire_id TEXT NOT NULL REFERENCES questionnaire (id),
    n BIGINT NOT NULL,
    what TEXT NOT NULL,
    state BYTEA NOT NULL,
    PRIMARY KEY (questionnaire_id, n)
);

-- A published version, which never changes.
CREATE TABLE questionnaire_release (
    questionnaire_id TEXT NOT NULL REFERENCES questionnaire (id),
    n BIGINT NOT NULL,
    version TEXT NOT NULL,
    day TEXT NOT NULL,
    by_name TEXT NOT NULL,
    text TEXT NOT NULL,
    ledger JSONB NOT NULL,
    PRIMARY KEY (questionnaire_id, n),
    UNIQUE (questionnaire_id, version)
);

-- The respondent's screens in a language: the texts of one that the program does not ship, and
-- what is noted of the translation of any.
CREATE TABLE respondent_language (
    tag TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    texts JSONB NOT NULL,
    ledger JSONB NOT NULL
);

-- +goose Down
DROP TABLE respondent_language;
DROP TABLE questionnaire_release;
DROP TABLE questionnaire_edit;
DROP TABLE questionnaire;
