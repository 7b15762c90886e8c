-- +goose Up
CREATE TABLE job (
    name       TEXT PRIMARY KEY,
    due_at     BIGINT NOT NULL,            -- the latest due time that was taken; 0: none was
    before_at  BIGINT NOT NULL,            -- the one before, to go back to when a run is stopped half-way
    holder     TEXT NOT NULL,              -- a random word for the run under way; empty when there is none
    beat       BIGINT NOT NULL,            -- goes up as long as the node of that run lives
    node       TEXT NOT NULL,              -- of the last run
    started_at BIGINT NOT NULL,            -- of the last run; 0: never
    ended_at   BIGINT NOT NULL,            -- 0 while it runs
    error      TEXT NOT NULL,              -- of the last run that ended; empty when it went well
    success_at BIGINT NOT NULL,            -- when a run last went well; 0: never
    failures   BIGINT NOT NULL             -- how many runs failed, ever
);

-- +goose Down
DROP TABLE job;
