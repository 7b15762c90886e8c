-- +goose Up
-- With several nodes: which of them have answer files of a round. box is the id in the
-- file's header. state: open, delivered (a copy lies in the shared store), forgotten (the
-- machine is lost for ever), discard (to be destroyed by its node). There is no reference
-- to the round: it may be gone before the last node has cleared away its files.
CREATE TABLE answer_box (
    round_id TEXT NOT NULL,
    node TEXT NOT NULL,
    box TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'delivered', 'forgotten', 'discard')),
    PRIMARY KEY (round_id, node)
);

-- A node that makes a backup asks the others for copies of their answer files.
-- state: asked, ready (copied, and taking no answers until the row is gone), resumed (it
-- could wait no longer).
CREATE TABLE copy_request (
    node TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'ready', 'resumed'))
);

-- +goose Down
DROP TABLE copy_request;
DROP TABLE answer_box;
