-- Leases that are handed over, and rows of leases that ended long ago.

-- Tokens come from one sequence for all leases, so a row that goes takes no token with it: whoever takes that lease next
-- gets a newer one. The last twenty bits are random, so that a promoted standby which has lost what came last does not
-- give the same token to another.
CREATE SEQUENCE lease_token;
SELECT setval('lease_token', greatest((SELECT max(token) FROM lease), 0) / 1048576 + 1);

CREATE FUNCTION next_lease_token() RETURNS bigint
    LANGUAGE sql VOLATILE
    SET search_path = nodescaler, pg_temp
RETURN nextval('lease_token') * 1048576 + floor(random() * 1048576)::bigint;

-- When its holder was last heard of, and when somebody else last asked for it.
ALTER TABLE lease ADD COLUMN heard_at timestamptz NOT NULL DEFAULT clock_timestamp();
ALTER TABLE lease ADD COLUMN wanted_at timestamptz;

CREATE FUNCTION lately(moment timestamptz, within interval) RETURNS boolean
    LANGUAGE sql VOLATILE
    SET search_path = nodescaler, pg_temp
RETURN coalesce(moment <= clock_timestamp() AND moment > clock_timestamp() - within, false);

-- Takes a lease that nobody holds; the new token. No row while somebody else holds it: then it is noted, once a second
-- at most, that it is wanted. Whoever holds it already gets a new token, for an answer that was lost on the way.
CREATE OR REPLACE FUNCTION take_lease(wanted text, by_whom text, for_long interval) RETURNS TABLE (token bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = nodescaler, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    INSERT INTO lease AS held (name, holder, login, token, length, until)
    VALUES (wanted, by_whom, session_user, next_lease_token(), for_long, clock_timestamp() + for_long)
    ON CONFLICT (name) DO UPDATE
        SET holder = excluded.holder,
            login = excluded.login,
            token = excluded.token,
            length = excluded.length,
            until = clock_timestamp() + excluded.length,
            heard_at = clock_timestamp(),
            wanted_at = NULL
        WHERE held.holder = excluded.holder OR NOT is_held(held.until, held.length)
    RETURNING held.token;
    IF NOT FOUND THEN
        UPDATE lease SET wanted_at = clock_timestamp()
        WHERE name = wanted AND NOT lately(wanted_at, interval '1 second');
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION renew_lease(its_name text, its_token bigint) RETURNS TABLE (until timestamptz)
    LANGUAGE sql SECURITY DEFINER
    SET search_path = nodescaler, pg_temp
AS $$
    UPDATE lease AS held
    SET until = clock_timestamp() + held.length, heard_at = clock_timestamp()
    WHERE held.name = its_name AND held.token = its_token AND is_held(held.until, held.length)
    RETURNING held.until
$$;

CREATE OR REPLACE FUNCTION lease_keeps_its_token() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = nodescaler, pg_temp
AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT is_held(OLD.until, OLD.length) AND OLD.heard_at < clock_timestamp() - interval '1 day'
    THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.name = OLD.name AND NEW.token >= OLD.token
        AND (NEW.token > OLD.token OR NEW.holder = OLD.holder)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a lease keeps its token until it changes hands';
END
$$;

-- Lets the rows of leases go whose holder was not heard of for a day; how many. One that is being taken now stays.
CREATE FUNCTION let_ended_leases_go() RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path = nodescaler, pg_temp
AS $$
    WITH ended AS (
        SELECT name FROM lease
        WHERE NOT is_held(until, length) AND heard_at < clock_timestamp() - interval '1 day'
        FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM lease WHERE name IN (SELECT name FROM ended) RETURNING name
    )
    SELECT count(*) FROM gone
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA nodescaler FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lately TO nodescaler_viewer;
GRANT EXECUTE ON FUNCTION let_ended_leases_go TO nodescaler_operator;
