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
    reporters   jsonb NOT NULL,
    subscribers jsonb NOT NULL,
    fields      jsonb NOT NULL,
    version     integer NOT NULL,
    visit       integer NOT NULL,
    respond_by  timestamptz,
    resolve_by  timestamptz,
    opened_at   timestamptz NOT NULL,
    changed_at  timestamptz NOT NULL,
    closed_at   timestamptz,
    head        bytea NOT NULL, -- hash of the last line of its log
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
);

-- The log: lines are added, never changed. words holds what people wrote and their
-- names; it may be erased, and the chain still holds, for it has only its digest.
CREATE TABLE log (
    prefix     text NOT NULL,
    number     bigint NOT NULL,
    seq        bigint NOT NULL,
    kind       text NOT NULL,
    visit      integer NOT NULL,
    at         timestamptz NOT NULL,
    logged_at  timestamptz NOT NULL,
    actor      text NOT NULL,
    via        text NOT NULL,
    action     text NOT NULL,
    from_state text NOT NULL,
    to_state   text NOT NULL,
    command    text NOT NULL,
    words      text,
    digest     bytea NOT NULL,
    hash       bytea NOT NULL,
    PRIMARY KEY (prefix, number, seq)
);
CREATE INDEX log_logged_at ON log USING brin (logged_at);

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
    at  timestamptz NOT NULL
);
CREATE INDEX once_at ON once USING brin (at);

-- One row for each visible message.
CREATE TABLE deliveries (
    seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
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
    not_before timestamptz,
    receipt    text NOT NULL,
    drawn      integer NOT NULL,
    why        text NOT NULL,
    holder     text NOT NULL,    -- the process that is sending it
    lease      timestamptz,
    added_at   timestamptz NOT NULL
);
CREATE INDEX deliveries_waiting ON deliveries (place, seq) WHERE state IN ('pending', 'sending', 'ambiguous');
CREATE INDEX deliveries_card ON deliveries (prefix, number) WHERE kind = 'card';
CREATE INDEX deliveries_receipt ON deliveries (place, receipt) WHERE receipt <> '';

CREATE TABLE holds (
    place text PRIMARY KEY,
    until timestamptz NOT NULL
);

CREATE TABLE accounts (
    id      text PRIMARY KEY,
    person  text NOT NULL,
    name    text NOT NULL,
    email   text NOT NULL,
    locale  text NOT NULL,
    direct  text NOT NULL,
    seen_at timestamptz NOT NULL
);
CREATE INDEX accounts_person ON accounts (person);

CREATE TABLE talks (
    key     text PRIMARY KEY,
    body    text NOT NULL,
    expires timestamptz NOT NULL
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
    at       timestamptz NOT NULL
);
CREATE INDEX examples_at ON examples (at);

-- The seals: now and then the heads of all chains that grew go into one chain.
CREATE TABLE seals (
    id    bigint PRIMARY KEY,
    at    timestamptz NOT NULL,
    heads bigint NOT NULL,
    hash  bytea NOT NULL
);
CREATE TABLE sealed (
    seal   bigint NOT NULL,
    prefix text NOT NULL,
    number bigint NOT NULL,
    seq    bigint NOT NULL,
    head   bytea NOT NULL,
    PRIMARY KEY (prefix, number, seal)
);
CREATE INDEX sealed_seal ON sealed (seal);

-- What reporting tools read: one view for each kind, with real column names.
CREATE VIEW incidents AS SELECT prefix || '-' || number AS ref, title, state, priority, impact, urgency, service, location, owner, team, sensitive, reporters, opened_at, respond_by, resolve_by, changed_at, closed_at,
    fields ->> 'type' AS type,
    fields ->> 'workaround' AS workaround,
    fields ->> 'solution' AS solution,
    fields ->> 'cause' AS cause,
    fields ->> 'expected_at' AS expected_at,
    fields ->> 'reason' AS reason,
    fields ->> 'exam' AS exam,
    fields ->> 'major' AS major,
    fields ->> 'lessons' AS lessons,
    fields ->> 'description' AS description,
    fields ->> 'supplier' AS supplier,
    fields ->> 'external_ref' AS external_ref,
    fields ->> 'resolved_at' AS resolved_at,
    fields ->> 'responded_at' AS responded_at
FROM records WHERE kind = 'incident';
CREATE VIEW changes AS SELECT prefix || '-' || number AS ref, title, state, priority, impact, urgency, service, location, owner, team, sensitive, reporters, opened_at, respond_by, resolve_by, changed_at, closed_at,
    fields ->> 'type' AS type,
    fields ->> 'template' AS template,
    fields ->> 'reason' AS reason,
    fields ->> 'risk' AS risk,
    fields ->> 'plan' AS plan,
    fields ->> 'test_plan' AS test_plan,
    fields ->> 'rollback_plan' AS rollback_plan,
    fields ->> 'communication' AS communication,
    fields ->> 'from' AS from_time,
    fields ->> 'until' AS until,
    fields ->> 'implementer' AS implementer,
    fields ->> 'tester' AS tester,
    fields ->> 'outage' AS outage,
    fields ->> 'result' AS result,
    fields ->> 'lessons' AS lessons,
    fields ->> 'approved_at' AS approved_at,
    fields ->> 'description' AS description,
    fields ->> 'supplier' AS supplier,
    fields ->> 'external_ref' AS external_ref
FROM records WHERE kind = 'change';
CREATE VIEW tasks AS SELECT prefix || '-' || number AS ref, title, state, priority, impact, urgency, service, location, owner, team, sensitive, reporters, opened_at, respond_by, resolve_by, changed_at, closed_at,
    fields ->> 'due' AS due,
    fields ->> 'result' AS result,
    fields ->> 'reason' AS reason,
    fields ->> 'description' AS description
FROM records WHERE kind = 'task';
CREATE VIEW record_links AS SELECT from_prefix || '-' || from_number AS from_ref, type, to_prefix || '-' || to_number AS to_ref FROM links;

-- A number is never used twice; a gap does no harm.
CREATE SEQUENCE number_inc;
CREATE SEQUENCE number_chg;
CREATE SEQUENCE number_prb;
CREATE SEQUENCE number_pat;
CREATE SEQUENCE number_vul;
CREATE SEQUENCE number_ci;
CREATE SEQUENCE number_crs;
CREATE SEQUENCE number_tsk;

-- +goose StatementBegin
CREATE FUNCTION only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The one change allowed: words are erased, everything else stays as it is.
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'log' THEN
        IF NEW.words IS NULL AND (to_jsonb(NEW) - 'words') = (to_jsonb(OLD) - 'words') THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the % is only added to', TG_TABLE_NAME;
END $$;
-- +goose StatementEnd
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON log FOR EACH ROW EXECUTE FUNCTION only_added();
CREATE TRIGGER only_added_whole BEFORE TRUNCATE ON log FOR EACH STATEMENT EXECUTE FUNCTION only_added();
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON seals FOR EACH ROW EXECUTE FUNCTION only_added();
CREATE TRIGGER only_added_whole BEFORE TRUNCATE ON seals FOR EACH STATEMENT EXECUTE FUNCTION only_added();
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON sealed FOR EACH ROW EXECUTE FUNCTION only_added();
CREATE TRIGGER only_added_whole BEFORE TRUNCATE ON sealed FOR EACH STATEMENT EXECUTE FUNCTION only_added();
