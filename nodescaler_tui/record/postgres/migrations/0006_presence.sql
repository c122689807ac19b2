-- Presence: who is here, and what they say is in front of them. Nothing depends on it, so nothing of it is kept: the
-- table is emptied by a crash, and whoever says nothing for a few seconds of this server's clock is gone.

CREATE UNLOGGED TABLE presence (
    login text NOT NULL,
    engine text NOT NULL CHECK (octet_length(engine) <= 200),
    host text NOT NULL CHECK (octet_length(host) <= 300),
    told text NOT NULL CHECK (octet_length(told) <= 8000),
    until timestamptz NOT NULL,
    PRIMARY KEY (login, engine)
);

-- Who is here now. A server's clock that was set back ends it as well.
CREATE VIEW present AS
    SELECT login, engine, host, told
    FROM presence
    WHERE until > clock_timestamp() AND until <= clock_timestamp() + interval '5 s';

-- Says that an engine of the caller's login is here, for five seconds; everybody is told when that says something new.
-- The name is the one that the server knows. Of one login the last few engines are kept, and of those that are gone none.
CREATE FUNCTION tell_presence(its_engine text, its_host text, what text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = nodescaler, pg_temp
AS $$
DECLARE
    lasts constant interval := '5 s';
    before text := (SELECT told FROM present WHERE login = session_user AND engine = its_engine);
BEGIN
    DELETE FROM presence AS gone
    USING (
        SELECT login, engine FROM presence
        WHERE NOT is_held(until, lasts)
            OR login = session_user AND engine NOT IN (
                SELECT engine FROM presence WHERE login = session_user ORDER BY until DESC LIMIT 15)
        FOR UPDATE SKIP LOCKED) AS old
    WHERE gone.login = old.login AND gone.engine = old.engine;
    INSERT INTO presence (login, engine, host, told, until)
    VALUES (session_user, its_engine, its_host, what, clock_timestamp() + lasts)
    ON CONFLICT (login, engine) DO UPDATE
        SET host = excluded.host, told = excluded.told, until = excluded.until;
    IF before IS DISTINCT FROM what THEN
        PERFORM pg_notify('nodescaler', 'presence');
    END IF;
END
$$;

-- Says that it has left.
CREATE FUNCTION end_presence(its_engine text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = nodescaler, pg_temp
AS $$
BEGIN
    DELETE FROM presence WHERE login = session_user AND engine = its_engine;
    IF FOUND THEN
        PERFORM pg_notify('nodescaler', 'presence');
    END IF;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA nodescaler FROM PUBLIC;
GRANT SELECT ON present TO nodescaler_viewer;
GRANT EXECUTE ON FUNCTION tell_presence, end_presence TO nodescaler_viewer;
