-- What one program read for all: the newest observations, each written under the lease of whoever polls; and a word to
-- everybody who listens when there is a new one, or a new event. Whoever misses that word looks by himself.

CREATE TABLE observation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lease text NOT NULL,
    token bigint NOT NULL,
    written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    bytes bytea NOT NULL
);
CREATE INDEX newest_observation_of_each_lease ON observation (lease, id DESC);

-- Keeps an observation under the lease by which it was made, and of the older ones the last two.
CREATE FUNCTION publish_observation(its_lease text, its_token bigint, content bytea) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = nodescaler, pg_temp
AS $$
DECLARE
    published bigint;
BEGIN
    PERFORM require_lease(its_lease, its_token);
    INSERT INTO observation (lease, token, bytes) VALUES (its_lease, its_token, content) RETURNING id INTO published;
    DELETE FROM observation
    WHERE lease = its_lease AND id NOT IN (
        SELECT id FROM observation WHERE lease = its_lease ORDER BY id DESC LIMIT 3);
    PERFORM pg_notify('nodescaler', 'observation');
    RETURN published;
END
$$;

CREATE FUNCTION events_are_told() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = nodescaler, pg_temp
AS $$
BEGIN
    PERFORM pg_notify('nodescaler', 'event');
    RETURN NULL;
END
$$;

CREATE TRIGGER events_are_told AFTER INSERT ON event
    FOR EACH STATEMENT EXECUTE FUNCTION events_are_told();

-- Who holds a lease is told to everybody by his login, which only the server knows for certain.
ALTER TABLE lease ADD COLUMN login text NOT NULL DEFAULT '';

CREATE OR REPLACE FUNCTION take_lease(wanted text, by_whom text, for_long interval) RETURNS TABLE (token bigint)
    LANGUAGE sql SECURITY DEFINER
    SET search_path = nodescaler, pg_temp
AS $$
    INSERT INTO lease AS held (name, holder, login, token, length, until)
    VALUES (wanted, by_whom, session_user, 1, for_long, clock_timestamp() + for_long)
    ON CONFLICT (name) DO UPDATE
        SET holder = excluded.holder,
            login = excluded.login,
            token = held.token + 1,
            length = excluded.length,
            until = clock_timestamp() + excluded.length
        WHERE held.holder = excluded.holder OR NOT is_held(held.until, held.length)
    RETURNING held.token
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA nodescaler FROM PUBLIC;
GRANT SELECT ON observation TO nodescaler_viewer;
GRANT EXECUTE ON FUNCTION publish_observation TO nodescaler_operator;
