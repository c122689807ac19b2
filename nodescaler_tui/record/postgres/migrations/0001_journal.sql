-- The journal: events, the head that all writers queue up for, where each operation stands, and guards.
-- It is run as nodescaler_owner with the schema nodescaler first in the search path.
-- What was applied once is never edited; a change is a new file with the next number.

CREATE TABLE head (
    one integer PRIMARY KEY CHECK (one = 1),
    seq bigint NOT NULL,
    hash text NOT NULL
);

CREATE TABLE event (
    seq bigint PRIMARY KEY,
    hash text NOT NULL,
    bytes bytea NOT NULL
);

-- The id of an operation is the key under which receivers know its request; a plan's hash is approved once; a group
-- has one open operation. The guards have said so before, in words: these are for whoever finds a way around them.
CREATE TABLE operation (
    id text PRIMARY KEY,
    phase text NOT NULL,
    group_id text NOT NULL,
    plan_hash text UNIQUE,
    open boolean NOT NULL
);
CREATE UNIQUE INDEX one_open_operation_in_each_group ON operation (group_id) WHERE open;

-- In which phases an operation may take each event, and where it leads: NULL for the outcome that the event names.
CREATE TABLE transition (
    kind text NOT NULL,
    phase text NOT NULL,
    next text,
    PRIMARY KEY (kind, phase)
);
CREATE TABLE settled_phase (phase text PRIMARY KEY);

INSERT INTO transition (kind, phase, next) VALUES
    ('operation.sending', 'approved', 'sending'),
    ('operation.sending', 'waiting to retry', 'sending'),
    ('operation.retrying', 'sending', 'waiting to retry'),
    ('operation.retrying', 'in doubt', 'waiting to retry'),
    ('operation.in_doubt', 'sending', 'in doubt'),
    ('operation.in_doubt', 'waiting to retry', 'in doubt'),
    ('operation.resend_ordered', 'in doubt', 'waiting to retry'),
    ('operation.accepted', 'sending', 'accepted'),
    ('operation.accepted', 'in doubt', 'accepted'),
    ('operation.verifying', 'accepted', 'verifying'),
    ('operation.progressed', 'in doubt', 'in doubt'),
    ('operation.progressed', 'verifying', 'verifying'),
    ('operation.reported', 'verifying', 'verifying'),
    ('operation.settled', 'sending', NULL),
    ('operation.settled', 'in doubt', NULL),
    ('operation.settled', 'accepted', NULL),
    ('operation.settled', 'verifying', NULL),
    ('operation.cancelled', 'approved', 'CANCELLED'),
    ('operation.cancelled', 'waiting to retry', 'CANCELLED'),
    ('operation.resumed', 'approved', 'approved'),
    ('operation.resumed', 'sending', 'sending'),
    ('operation.resumed', 'waiting to retry', 'waiting to retry'),
    ('operation.resumed', 'in doubt', 'in doubt'),
    ('operation.resumed', 'accepted', 'accepted'),
    ('operation.resumed', 'verifying', 'verifying'),
    ('audit.recorded', 'VERIFIED', 'VERIFIED'),
    ('audit.recorded', 'PARTIAL', 'PARTIAL'),
    ('audit.recorded', 'INCONCLUSIVE', 'INCONCLUSIVE'),
    ('audit.recorded', 'FAILED', 'FAILED'),
    ('audit.recorded', 'CANCELLED', 'CANCELLED');
INSERT INTO settled_phase (phase) VALUES
    ('VERIFIED'), ('PARTIAL'), ('INCONCLUSIVE'), ('FAILED'), ('CANCELLED');

CREATE FUNCTION chained_hash(previous text, canonical bytea) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = nodescaler, pg_temp
RETURN encode(sha256(decode(previous, 'hex') || canonical), 'hex');

-- jsonb cannot hold U+0000, which an event may: it becomes U+FFFD here, and stays what it is in the bytes.
CREATE FUNCTION document_of(canonical bytea) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path = nodescaler, pg_temp
RETURN replace(convert_from(canonical, 'UTF8'), '\u0000', '\ufffd')::jsonb;

CREATE FUNCTION is_step(document jsonb) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = nodescaler, pg_temp
RETURN coalesce(document ->> 'operation_id', '') <> ''
    AND (document ->> 'kind' = 'plan.approved' OR document ->> 'kind' IN (SELECT kind FROM transition));

-- The operation's phase after the event, NULL when it may not follow; a phase of NULL is before the approval.
CREATE FUNCTION phase_after(document jsonb, before text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = nodescaler, pg_temp
RETURN CASE
    WHEN document ->> 'kind' = 'plan.approved' THEN CASE WHEN before IS NULL THEN 'approved' END
    WHEN document ->> 'kind' = 'operation.settled' THEN (
        SELECT settled_phase.phase
        FROM transition, settled_phase
        WHERE transition.kind = 'operation.settled' AND transition.phase = before
          AND settled_phase.phase = document -> 'fields' ->> 'outcome')
    ELSE (SELECT next FROM transition WHERE kind = document ->> 'kind' AND phase = before)
END;

-- The head, for the one who may write now: everybody else waits until that transaction has ended. `known` is the newest
-- schema that the caller knows. No row when the head is lost.
CREATE FUNCTION take_head(known integer, OUT seq bigint, OUT hash text) RETURNS SETOF record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = nodescaler, pg_temp
AS $$
DECLARE
    taken head;
    newest event;
BEGIN
    SELECT * INTO taken FROM head FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM require_schema(known);
    SELECT * INTO newest FROM event ORDER BY event.seq DESC LIMIT 1;
    IF coalesce(newest.seq, 0) <> taken.seq OR (newest.seq IS NOT NULL AND newest.hash IS DISTINCT FROM taken.hash) THEN
        RAISE EXCEPTION 'the head names the last event';
    END IF;
    seq := taken.seq;
    hash := taken.hash;
    RETURN NEXT;
END
$$;

-- Refuses who does not know this schema. Migrations take the head first, so nobody is caught in the middle.
CREATE FUNCTION require_schema(known integer) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = nodescaler, pg_temp
AS $$
DECLARE
    current integer := (SELECT max(version) FROM schema_version);
BEGIN
    IF current > known THEN
        RAISE EXCEPTION USING ERRCODE = 'NS001', MESSAGE = format(
            'the store was migrated to schema %s and this program knows schema %s', current, known);
    ELSIF current < known THEN
        RAISE EXCEPTION USING ERRCODE = 'NS002', MESSAGE = format(
            'the store has schema %s and this program needs schema %s', current, known);
    END IF;
END
$$;

-- Makes the head of a new journal, unless there is one; the first event is then appended like every other.
CREATE FUNCTION begin_journal(known integer, installation text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = nodescaler, pg_temp
AS $$
BEGIN
    PERFORM require_schema(known);
    -- Who begins at the same moment waits here, and then sees the head of whoever was first.
    PERFORM pg_advisory_xact_lock(1314081329);
    IF NOT EXISTS (SELECT FROM head) THEN
        INSERT INTO head (one, seq, hash)
        VALUES (1, 0, encode(sha256(convert_to(E'nodescaler-tui journal\n' || installation, 'UTF8')), 'hex'));
    END IF;
END
$$;

CREATE FUNCTION event_may_follow() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = nodescaler, pg_temp
AS $$
DECLARE
    taken head;
    document jsonb;
BEGIN
    SELECT * INTO taken FROM head FOR UPDATE;
    IF NEW.seq IS DISTINCT FROM taken.seq + 1 THEN
        RAISE EXCEPTION 'the journal has no gaps';
    END IF;
    IF NEW.hash IS DISTINCT FROM chained_hash(taken.hash, NEW.bytes) THEN
        RAISE EXCEPTION 'the event is not chained to the one before';
    END IF;
    document := document_of(NEW.bytes);
    IF is_step(document) AND phase_after(
        document, (SELECT phase FROM operation WHERE id = document ->> 'operation_id')) IS NULL
    THEN
        RAISE EXCEPTION 'the event cannot follow in the phase of its operation';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION event_moves_head_and_operation() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = nodescaler, pg_temp
AS $$
DECLARE
    document jsonb := document_of(NEW.bytes);
    moved text;
BEGIN
    UPDATE head SET seq = NEW.seq, hash = NEW.hash;
    IF is_step(document) THEN
        moved := phase_after(document, (SELECT phase FROM operation WHERE id = document ->> 'operation_id'));
        INSERT INTO operation (id, phase, group_id, plan_hash, open)
        VALUES (document ->> 'operation_id', moved, coalesce(document ->> 'group_id', ''),
                CASE WHEN document ->> 'kind' = 'plan.approved' THEN document -> 'fields' ->> 'plan_hash' END, true)
        ON CONFLICT (id) DO UPDATE
            SET phase = excluded.phase,
                open = NOT EXISTS (SELECT FROM settled_phase WHERE settled_phase.phase = excluded.phase);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION journal_is_append_only() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = nodescaler, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only';
END
$$;

CREATE FUNCTION journal_keeps_its_head() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = nodescaler, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NOT EXISTS (SELECT FROM head) AND NOT EXISTS (SELECT FROM event) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the journal keeps its head';
END
$$;

CREATE FUNCTION head_names_the_last_event() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = nodescaler, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM event WHERE seq = NEW.seq AND hash = NEW.hash AND seq = (SELECT max(seq) FROM event))
    THEN
        RAISE EXCEPTION 'the head names the last event';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER event_is_never_changed BEFORE UPDATE OR DELETE ON event
    FOR EACH ROW EXECUTE FUNCTION journal_is_append_only();
CREATE TRIGGER events_are_never_emptied BEFORE TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();
CREATE TRIGGER event_may_follow BEFORE INSERT ON event
    FOR EACH ROW EXECUTE FUNCTION event_may_follow();
CREATE TRIGGER event_moves_head_and_operation AFTER INSERT ON event
    FOR EACH ROW EXECUTE FUNCTION event_moves_head_and_operation();
CREATE TRIGGER head_is_kept BEFORE INSERT OR DELETE ON head
    FOR EACH ROW EXECUTE FUNCTION journal_keeps_its_head();
CREATE TRIGGER head_is_never_emptied BEFORE TRUNCATE ON head
    FOR EACH STATEMENT EXECUTE FUNCTION journal_keeps_its_head();
CREATE TRIGGER head_names_the_last_event BEFORE UPDATE ON head
    FOR EACH ROW EXECUTE FUNCTION head_names_the_last_event();
CREATE TRIGGER operation_is_never_deleted BEFORE DELETE ON operation
    FOR EACH ROW EXECUTE FUNCTION journal_is_append_only();
CREATE TRIGGER operations_are_never_emptied BEFORE TRUNCATE ON operation
    FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA nodescaler FROM PUBLIC;
GRANT SELECT ON head, event, operation, transition, settled_phase, schema_version TO nodescaler_viewer;
GRANT INSERT ON event TO nodescaler_operator;
GRANT EXECUTE ON FUNCTION take_head, begin_journal TO nodescaler_operator;
