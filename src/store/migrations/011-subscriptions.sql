-- What a source's last document offered by WebSub, as JSON.
ALTER TABLE source ADD COLUMN offer TEXT;

-- What is arranged with hubs: one row for each callback that was ever given out and is still known.
CREATE TABLE subscription (
    n INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES source (n),
    token TEXT NOT NULL UNIQUE,
    secret TEXT NOT NULL,
    callback TEXT NOT NULL,
    hub TEXT NOT NULL,
    topic TEXT NOT NULL,
    stage TEXT NOT NULL,
    asked INTEGER NOT NULL,
    due INTEGER NOT NULL,
    since INTEGER,
    ends INTEGER,
    failures INTEGER NOT NULL,
    doubted INTEGER NOT NULL,
    said TEXT
) STRICT;
CREATE INDEX subscription_source ON subscription (source, stage);
