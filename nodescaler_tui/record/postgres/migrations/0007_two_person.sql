-- Who speaks: an event names whoever writes it, by the login that the server knows. And two people for what is riskiest:
-- such a plan is approved only after somebody else's first approval of the very same one.

-- Whose operation each one is: the steps that engines take by themselves name that person, also after a takeover.
CREATE TABLE approval (
    operation_id text PRIMARY KEY,
    operator text NOT NULL
);
INSERT INTO approval (operation_id, operator)
SELECT document ->> 'operation_id', coalesce(document ->> 'operator', '')
FROM (SELECT document_of(bytes) AS document FROM event) AS old
WHERE document ->> 'kind' = 'plan.approved' AND coalesce(document ->> 'operation_id', '') <> ''
ON CONFLICT (operation_id) DO NOTHING;

-- Events that are always somebody's word; of some an engine may be the one who says it.
CREATE TABLE word (
    kind text PRIMARY KEY,
    by_engine boolean NOT NULL
);
INSERT INTO word (kind, by_engine) VALUES
    ('journal.accepted', false),
    ('plan.first_approved', false),
    ('plan.approved', false),
    ('plan.rejected', false),
    ('plan.refused', false),
    ('operation.resend_ordered', false),
    ('operation.cancelled', true),
    ('thresholds.changed', false),
    ('group.paused', true),
    ('group.unpaused', false),
    ('group.ahead_switched', false),
    ('group.acknowledged', false),
    ('freeze.declared', false),
    ('freeze.lifted', false),
    ('two_person.changed', false);

-- The rule itself: the riskiest tiers from 1 (a key) to 3 (the group's name), from which on it holds, and the groups.
CREATE TABLE two_person_rule (
    one integer PRIMARY KEY CHECK (one = 1),
    from_tier integer CHECK (from_tier BETWEEN 1 AND 3),
    groups text[] NOT NULL
);
INSERT INTO two_person_rule (one, from_tier, groups) VALUES (1, NULL, '{}');

-- The first approval that a second person may follow now, at most one in a group. `until` is by this server's clock.
CREATE TABLE first_approval (
    group_id text PRIMARY KEY,
    plan_hash text NOT NULL,
    login text NOT NULL,
    plan jsonb NOT NULL,
    until timestamptz NOT NULL
);

-- What stands before the last @; the host behind it is only what the program says.
CREATE FUNCTION login_of(operator text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = nodescaler, pg_temp
RETURN regexp_replace(operator, '@[^@]*$', '');

CREATE FUNCTION is_signed(document jsonb) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path = nodescaler, pg_temp
AS $$
DECLARE
    said text := document ->> 'kind';
    named text := coalesce(document ->> 'operator', '');
    always boolean := (SELECT NOT by_engine FROM word WHERE word.kind = said);
BEGIN
    IF said = 'operation.resumed' AND login_of(coalesce(document -> 'fields' ->> 'by', '')) <> session_user THEN
        RETURN false;
    END IF;
    IF login_of(named) = session_user THEN
        RETURN true;
    END IF;
    IF named = 'engine' THEN
        RETURN always IS NOT TRUE;
    END IF;
    IF always IS NOT NULL OR document -> 'fields' -> 'order' IS NOT NULL THEN
        RETURN false;
    END IF;
    RETURN CASE
        WHEN is_step(document)
            THEN named = (SELECT operator FROM approval WHERE operation_id = document ->> 'operation_id')
        ELSE named = ''
    END;
END
$$;

-- The confirmation's tier, from what the approval says of its plan; what it leaves out counts as the riskiest.
CREATE FUNCTION approval_tier(fields jsonb) RETURNS integer
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = nodescaler, pg_temp
AS $$
DECLARE
    present bigint := (fields ->> 'current_nodes')::bigint;
    wanted bigint := (fields ->> 'requested_nodes')::bigint;
    most bigint := (fields ->> 'max_nodes')::bigint;
    overridden jsonb := coalesce(fields -> 'overrides', '[]');
BEGIN
    IF present IS NULL OR wanted IS NULL OR most IS NULL OR wanted < present OR overridden - 'cooldown' <> '[]' THEN
        RETURN 3;
    END IF;
    IF overridden <> '[]' OR coalesce(fields -> 'blind', '[]') <> '[]' OR (fields -> 'on_forecast') = 'true'
        OR wanted > most::float8 * 0.8::float8 OR wanted - present > greatest(1, present * 25 / 100)
    THEN
        RETURN 2;
    END IF;
    RETURN 1;
END
$$;

CREATE FUNCTION takes_two(document jsonb) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = nodescaler, pg_temp
RETURN (
    SELECT document ->> 'group_id' = ANY (groups) OR coalesce(approval_tier(document -> 'fields') >= from_tier, false)
    FROM two_person_rule
);

-- Why nobody's first approval stands before this one; NULL when one does.
CREATE FUNCTION why_not_second(document jsonb) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = nodescaler, pg_temp
AS $$
DECLARE
    fields jsonb := document -> 'fields';
    first first_approval;
BEGIN
    SELECT * INTO first FROM first_approval WHERE group_id = document ->> 'group_id';
    IF NOT FOUND OR first.plan_hash IS DISTINCT FROM fields ->> 'plan_hash' THEN
        RETURN 'two people must approve this plan, and nobody has approved it first';
    ELSIF clock_timestamp() >= first.until THEN
        RETURN 'the first approval of this plan has expired';
    ELSIF first.login = session_user THEN
        RETURN format('%s approved this plan first; the second must be somebody else', first.login);
    ELSIF EXISTS (
        SELECT FROM unnest(ARRAY['body', 'body_sha256', 'payload', 'payload_sha256', 'group_name', 'current_nodes',
            'requested_nodes', 'max_nodes', 'reasons', 'on_forecast', 'projection', 'evidence', 'overrides', 'blind',
            'receiver_name', 'receiver_host', 'receiver_version', 'expires_at']) AS name
        WHERE fields -> name IS DISTINCT FROM first.plan -> name)
    THEN
        RETURN 'this is not the plan that was approved first';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION event_names_its_writer() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = nodescaler, pg_temp
AS $$
DECLARE
    document jsonb := document_of(NEW.bytes);
    refused text;
BEGIN
    IF is_signed(document) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'NS005', MESSAGE = format(
            'an event %s in the name of %s cannot be written by the login %s', document ->> 'kind',
            coalesce(nullif(document ->> 'operator', ''), 'nobody'), session_user);
    END IF;
    IF document ->> 'kind' = 'two_person.changed' AND NOT pg_has_role(session_user, 'nodescaler_owner', 'MEMBER') THEN
        RAISE EXCEPTION USING ERRCODE = 'NS006', MESSAGE = 'only an owner of the store sets the two-person rule';
    END IF;
    IF document ->> 'kind' = 'plan.approved' AND takes_two(document) THEN
        refused := why_not_second(document);
        IF refused IS NOT NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'NS006', MESSAGE = refused;
        END IF;
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION event_tells_the_second() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = nodescaler, pg_temp
AS $$
DECLARE
    document jsonb := document_of(NEW.bytes);
    about text := document ->> 'group_id';
    fields jsonb := document -> 'fields';
BEGIN
    CASE document ->> 'kind'
    WHEN 'plan.first_approved' THEN
        INSERT INTO first_approval AS earlier (group_id, plan_hash, login, plan, until)
        VALUES (about, fields ->> 'plan_hash', session_user, fields,
                least((fields ->> 'expires_at')::timestamptz, clock_timestamp() + interval '10 minutes'))
        ON CONFLICT (group_id) DO UPDATE
            SET plan_hash = excluded.plan_hash, login = excluded.login, plan = excluded.plan, until = excluded.until;
    WHEN 'plan.rejected', 'plan.first_approval_void' THEN
        DELETE FROM first_approval WHERE group_id = about AND plan_hash = fields ->> 'plan_hash';
    WHEN 'plan.approved' THEN
        DELETE FROM first_approval WHERE group_id = about;
        INSERT INTO approval (operation_id, operator)
        VALUES (document ->> 'operation_id', document ->> 'operator')
        ON CONFLICT (operation_id) DO NOTHING;
    WHEN 'two_person.changed' THEN
        UPDATE two_person_rule
        SET from_tier = array_position(ARRAY['key', 'number', 'name'], fields ->> 'from_tier'),
            groups = ARRAY(SELECT jsonb_array_elements_text(fields -> 'groups'));
    ELSE
    END CASE;
    RETURN NULL;
END
$$;

CREATE TRIGGER event_names_its_writer BEFORE INSERT ON event
    FOR EACH ROW EXECUTE FUNCTION event_names_its_writer();
CREATE TRIGGER event_tells_the_second AFTER INSERT ON event
    FOR EACH ROW EXECUTE FUNCTION event_tells_the_second();

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA nodescaler FROM PUBLIC;
GRANT SELECT ON approval, word, two_person_rule, first_approval TO nodescaler_viewer;
