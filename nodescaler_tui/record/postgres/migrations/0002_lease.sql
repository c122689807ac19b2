-- Leases: which of the running programs does what only one should do, such as polling for all.
-- A lease lasts by this server's clock alone, and only while between now and its end there is no more than its length:
-- so a clock that was set back ends it as well. Each change of hands raises the token, and an old token writes nothing.

CREATE TABLE lease (
    name text PRIMARY KEY,
    holder text NOT NULL,
    token bigint NOT NULL,
    length interval NOT NULL CHECK (length > interval '0'),
    until timestamptz NOT NULL
);

CREATE FUNCTION is_held(until timestamptz, length interval) RETURNS boolean
    LANGUAGE sql VOLATILE
    SET search_path = nodescaler, pg_temp
RETURN until > clock_timestamp() AND until <= clock_timestamp() + length;

-- Takes a lease that nobody holds; the new token. No row while somebody else holds it. Whoever holds it already gets a
-- new token, for an answer that was lost on the way.
CREATE FUNCTION take_lease(wanted text, by_whom text, for_long interval) RETURNS TABLE (token bigint)
    LANGUAGE sql SECURITY DEFINER
    SET search_path = nodescaler, pg_temp
AS $$
    INSERT INTO lease AS held (name, holder, token, length, until)
    VALUES (wanted, by_whom, 1, for_long, clock_timestamp() + for_long)
    ON CONFLICT (name) DO UPDATE
        SET holder = excluded.holder,
            token = held.token + 1,
            length = excluded.length,
            until = clock_timestamp() + excluded.length
        WHERE held.holder = excluded.holder OR NOT is_held(held.until, held.length)
    RETURNING held.token
$$;

-- Lengthens a lease that is still held under this token; no row when it is lost.
CREATE FUNCTION renew_lease(its_name text, its_token bigint) RETURNS TABLE (until timestamptz)
    LANGUAGE sql SECURITY DEFINER
    SET search_path = nodescaler, pg_temp
AS $$
    UPDATE lease AS held
    SET until = clock_timestamp() + held.length
    WHERE held.name = its_name AND held.token = its_token AND is_held(held.until, held.length)
    RETURNING held.until
$$;

-- Ends a lease that is held under this token, so that nobody needs to wait.
CREATE FUNCTION release_lease(its_name text, its_token bigint) RETURNS TABLE (token bigint)
    LANGUAGE sql SECURITY DEFINER
    SET search_path = nodescaler, pg_temp
AS $$
    UPDATE lease AS held
    SET until = '-infinity'
    WHERE held.name = its_name AND held.token = its_token AND is_held(held.until, held.length)
    RETURNING held.token
$$;

-- Refuses a write under a token that is not the newest or has run out. The lease cannot change hands until the
-- transaction that asked has ended.
CREATE FUNCTION require_lease(its_name text, its_token bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = nodescaler, pg_temp
AS $$
BEGIN
    PERFORM FROM lease
    WHERE name = its_name AND token = its_token
    FOR SHARE;
    IF NOT FOUND OR NOT (SELECT is_held(until, length) FROM lease WHERE name = its_name) THEN
        RAISE EXCEPTION USING ERRCODE = 'NS003', MESSAGE = format('the lease %s is held by somebody else', its_name);
    END IF;
END
$$;

CREATE FUNCTION lease_keeps_its_token() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = nodescaler, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.name = OLD.name AND NEW.token >= OLD.token
        AND (NEW.token > OLD.token OR NEW.holder = OLD.holder)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a lease keeps its token until it changes hands';
END
$$;

CREATE TRIGGER lease_keeps_its_token BEFORE UPDATE OR DELETE ON lease
    FOR EACH ROW EXECUTE FUNCTION lease_keeps_its_token();
CREATE TRIGGER leases_are_never_emptied BEFORE TRUNCATE ON lease
    FOR EACH STATEMENT EXECUTE FUNCTION lease_keeps_its_token();

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA nodescaler FROM PUBLIC;
GRANT SELECT ON lease TO nodescaler_viewer;
GRANT EXECUTE ON FUNCTION take_lease, renew_lease, release_lease, require_lease TO nodescaler_operator;
