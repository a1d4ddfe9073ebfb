-- +goose Up
-- What an adapter keeps over a restart, and keys that the house made for itself.
CREATE TABLE memories (
    owner      text NOT NULL,
    key        text NOT NULL,
    value      bytea NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (owner, key)
);
