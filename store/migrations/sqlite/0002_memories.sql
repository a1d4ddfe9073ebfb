-- +goose Up
-- What an adapter keeps over a restart, and keys that the house made for itself.
CREATE TABLE memories (
    owner      text NOT NULL,
    key        text NOT NULL,
    value      blob NOT NULL,
    changed_at datetime NOT NULL,
    PRIMARY KEY (owner, key)
);
