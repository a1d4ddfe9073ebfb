-- +goose Up
-- Records of every kind. What is filtered or sorted on is a column; the rest is in fields.
CREATE TABLE records (
    prefix      text NOT NULL,
    number      bigint NOT NULL,
    kind        text NOT NULL,
    title       text NOT NULL,
    state       text NOT NULL,
    priority    text NOT NULL,
    impact      text NOT NULL,
    urgency     text NOT NULL,
    service     text NOT NULL,
    location    text NOT NULL,
    owner       text NOT NULL,
    team        text NOT NULL,
    sensitive   boolean NOT NULL,
    reporters   text NOT NULL,
    subscribers text NOT NULL,
    fields      text NOT NULL,
    version     integer NOT NULL,
    visit       integer NOT NULL,
    respond_by  datetime,
    resolve_by  datetime,
    opened_at   datetime NOT NULL,
    changed_at  datetime NOT NULL,
    closed_at   datetime,
    head        blob NOT NULL, -- hash of the last line of its log
    PRIMARY KEY (prefix, number)
);
CREATE INDEX records_all ON records (opened_at DESC, number DESC, prefix);
CREATE INDEX records_open ON records (opened_at DESC, number DESC, prefix) WHERE closed_at IS NULL;
CREATE INDEX records_open_service ON records (service, opened_at DESC, number DESC, prefix) WHERE closed_at IS NULL;
CREATE INDEX records_open_team ON records (team, opened_at DESC, number DESC, prefix) WHERE closed_at IS NULL;
CREATE INDEX records_owner ON records (owner, opened_at DESC, number DESC, prefix) WHERE owner <> '';
CREATE INDEX records_open_owner ON records (owner, opened_at DESC, number DESC, prefix) WHERE closed_at IS NULL AND owner <> '';
CREATE INDEX records_kind ON records (kind, opened_at DESC, number DESC, prefix);

-- Who has to do with which record: only what lists ask for. part is 'reporter' or
-- 'subscriber' while the record is open, with ' of closed' behind it after that.
CREATE TABLE involved (
    person text NOT NULL,
    part   text NOT NULL,
    prefix text NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (person, part, prefix, number)
) WITHOUT ROWID;

-- The log: lines are added, never changed. words holds what people wrote and their
-- names; it may be erased, and the chain still holds, for it has only its digest.
CREATE TABLE log (
    prefix     text NOT NULL,
    number     bigint NOT NULL,
    seq        bigint NOT NULL,
    kind       text NOT NULL,
    visit      integer NOT NULL,
    at         datetime NOT NULL,
    logged_at  datetime NOT NULL,
    actor      text NOT NULL,
    via        text NOT NULL,
    action     text NOT NULL,
    from_state text NOT NULL,
    to_state   text NOT NULL,
    command    text NOT NULL,
    words      text,
    digest     blob NOT NULL,
    hash       blob NOT NULL,
    PRIMARY KEY (prefix, number, seq)
);
CREATE INDEX log_logged_at ON log (logged_at);

CREATE TABLE links (
    from_prefix text NOT NULL,
    from_number bigint NOT NULL,
    type        text NOT NULL,
    to_prefix   text NOT NULL,
    to_number   bigint NOT NULL,
    PRIMARY KEY (from_prefix, from_number, type, to_prefix, to_number)
);
CREATE INDEX links_to ON links (to_prefix, to_number);

-- Events that were handled, by the id their platform gave them.
CREATE TABLE once (
    id  text PRIMARY KEY,
    ref text NOT NULL,
    at  datetime NOT NULL
) WITHOUT ROWID;
CREATE INDEX once_at ON once (at);

-- One row for each visible message.
CREATE TABLE deliveries (
    seq        integer PRIMARY KEY AUTOINCREMENT,
    id         text NOT NULL UNIQUE,
    place      text NOT NULL,
    thread     text NOT NULL,
    kind       text NOT NULL,
    prefix     text NOT NULL,
    number     bigint NOT NULL,
    entry      bigint NOT NULL,
    person     text NOT NULL,
    body       text NOT NULL,
    state      text NOT NULL,
    wanted     boolean NOT NULL, -- asked for again while it was under way
    attempt    integer NOT NULL,
    not_before datetime,
    receipt    text NOT NULL,
    drawn      integer NOT NULL,
    why        text NOT NULL,
    holder     text NOT NULL,    -- the process that is sending it
    lease      datetime,
    added_at   datetime NOT NULL
);
CREATE INDEX deliveries_waiting ON deliveries (place, seq) WHERE state IN ('pending', 'sending', 'ambiguous');
CREATE INDEX deliveries_card ON deliveries (prefix, number) WHERE kind = 'card';
CREATE INDEX deliveries_receipt ON deliveries (place, receipt) WHERE receipt <> '';

CREATE TABLE holds (
    place text PRIMARY KEY,
    until datetime NOT NULL
);

CREATE TABLE accounts (
    id      text PRIMARY KEY,
    person  text NOT NULL,
    name    text NOT NULL,
    email   text NOT NULL,
    locale  text NOT NULL,
    direct  text NOT NULL,
    seen_at datetime NOT NULL
);
CREATE INDEX accounts_person ON accounts (person);

CREATE TABLE talks (
    key     text PRIMARY KEY,
    body    text NOT NULL,
    expires datetime NOT NULL
);

-- What agents said a message really was, where the school file asks to keep that. The
-- text is personal: it may be erased (NULL), and what is left still counts.
CREATE TABLE examples (
    id       text PRIMARY KEY, -- the event by which it was said
    text     text,
    taken    text NOT NULL,    -- the kind it was taken for
    truth    text NOT NULL,    -- the kind it is, or '' for no report at all
    service  text NOT NULL,
    location text NOT NULL,
    teacher  text NOT NULL,    -- the agent who said so
    at       datetime NOT NULL
);
CREATE INDEX examples_at ON examples (at);

-- The seals: now and then the heads of all chains that grew go into one chain.
CREATE TABLE seals (
    id    bigint PRIMARY KEY,
    at    datetime NOT NULL,
    heads bigint NOT NULL,
    hash  blob NOT NULL
);
CREATE TABLE sealed (
    seal   bigint NOT NULL,
    prefix text NOT NULL,
    number bigint NOT NULL,
    seq    bigint NOT NULL,
    head   blob NOT NULL,
    PRIMARY KEY (prefix, number, seal)
);
CREATE INDEX sealed_seal ON sealed (seal);

-- What reporting tools read: one view for each kind, with real column names.
CREATE VIEW incidents AS SELECT prefix || '-' || number AS ref, title, state, priority, impact, urgency, service, location, owner, team, sensitive, reporters, opened_at, respond_by, resolve_by, changed_at, closed_at,
    json_extract(fields, '$.type') AS type,
    json_extract(fields, '$.workaround') AS workaround,
    json_extract(fields, '$.solution') AS solution,
    json_extract(fields, '$.cause') AS cause,
    json_extract(fields, '$.expected_at') AS expected_at,
    json_extract(fields, '$.reason') AS reason,
    json_extract(fields, '$.exam') AS exam,
    json_extract(fields, '$.major') AS major,
    json_extract(fields, '$.lessons') AS lessons,
    json_extract(fields, '$.description') AS description,
    json_extract(fields, '$.supplier') AS supplier,
    json_extract(fields, '$.external_ref') AS external_ref,
    json_extract(fields, '$.resolved_at') AS resolved_at,
    json_extract(fields, '$.responded_at') AS responded_at
FROM records WHERE kind = 'incident';
CREATE VIEW changes AS SELECT prefix || '-' || number AS ref, title, state, priority, impact, urgency, service, location, owner, team, sensitive, reporters, opened_at, respond_by, resolve_by, changed_at, closed_at,
    json_extract(fields, '$.type') AS type,
    json_extract(fields, '$.template') AS template,
    json_extract(fields, '$.reason') AS reason,
    json_extract(fields, '$.risk') AS risk,
    json_extract(fields, '$.plan') AS plan,
    json_extract(fields, '$.test_plan') AS test_plan,
    json_extract(fields, '$.rollback_plan') AS rollback_plan,
    json_extract(fields, '$.communication') AS communication,
    json_extract(fields, '$.from') AS from_time,
    json_extract(fields, '$.until') AS until,
    json_extract(fields, '$.implementer') AS implementer,
    json_extract(fields, '$.tester') AS tester,
    json_extract(fields, '$.outage') AS outage,
    json_extract(fields, '$.result') AS result,
    json_extract(fields, '$.lessons') AS lessons,
    json_extract(fields, '$.approved_at') AS approved_at,
    json_extract(fields, '$.description') AS description,
    json_extract(fields, '$.supplier') AS supplier,
    json_extract(fields, '$.external_ref') AS external_ref
FROM records WHERE kind = 'change';
CREATE VIEW tasks AS SELECT prefix || '-' || number AS ref, title, state, priority, impact, urgency, service, location, owner, team, sensitive, reporters, opened_at, respond_by, resolve_by, changed_at, closed_at,
    json_extract(fields, '$.due') AS due,
    json_extract(fields, '$.result') AS result,
    json_extract(fields, '$.reason') AS reason,
    json_extract(fields, '$.description') AS description
FROM records WHERE kind = 'task';
CREATE VIEW record_links AS SELECT from_prefix || '-' || from_number AS from_ref, type, to_prefix || '-' || to_number AS to_ref FROM links;

-- A number is never used twice; a gap does no harm.
CREATE TABLE numbers (prefix text PRIMARY KEY, last bigint NOT NULL);

-- +goose StatementBegin
CREATE TRIGGER log_changed BEFORE UPDATE ON log WHEN NOT (NEW.words IS NULL AND NEW.prefix IS OLD.prefix AND NEW.number IS OLD.number AND NEW.seq IS OLD.seq AND NEW.kind IS OLD.kind AND NEW.visit IS OLD.visit AND NEW.at IS OLD.at AND NEW.logged_at IS OLD.logged_at AND NEW.actor IS OLD.actor AND NEW.via IS OLD.via AND NEW.action IS OLD.action AND NEW.from_state IS OLD.from_state AND NEW.to_state IS OLD.to_state AND NEW.command IS OLD.command AND NEW.digest IS OLD.digest AND NEW.hash IS OLD.hash)
BEGIN SELECT RAISE(ABORT, 'the log is only added to'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER log_delete BEFORE DELETE ON log
BEGIN SELECT RAISE(ABORT, 'the log is only added to'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER seals_update BEFORE UPDATE ON seals
BEGIN SELECT RAISE(ABORT, 'the seals is only added to'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER seals_delete BEFORE DELETE ON seals
BEGIN SELECT RAISE(ABORT, 'the seals is only added to'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sealed_update BEFORE UPDATE ON sealed
BEGIN SELECT RAISE(ABORT, 'the sealed is only added to'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sealed_delete BEFORE DELETE ON sealed
BEGIN SELECT RAISE(ABORT, 'the sealed is only added to'); END;
-- +goose StatementEnd
