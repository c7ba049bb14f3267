-- What each instance says about the fields of its tickets.

-- +goose Up

CREATE TABLE dictionary (
    integration_id TEXT   NOT NULL PRIMARY KEY,
    tenant_id      TEXT   NOT NULL,
    version        BIGINT NOT NULL, -- rises when the text changes
    data           TEXT   NOT NULL, -- JSON of neo.Dictionary
    saved_at       BIGINT NOT NULL
);
