-- The history: what every poll measured, in the same rows as in a file, in one partition for each day of each table.
-- Whoever keeps it inserts and does nothing else; whole days are made ahead and let go by functions of the owner.
-- Moments are Unix time in milliseconds; the numbers of bins and days are whole multiples of their length since 1970.

CREATE TABLE history_retention (
    tier text PRIMARY KEY,
    days integer NOT NULL CHECK (days >= 0)
);
INSERT INTO history_retention (tier, days) VALUES ('raw', 1), ('1m', 8), ('5m', 30), ('15m', 90);

-- Which tables have a partition for each day, how long they are kept, and how many of their units make a day.
CREATE TABLE history_table (
    name text PRIMARY KEY,
    tier text NOT NULL REFERENCES history_retention,
    a_day bigint NOT NULL
);
INSERT INTO history_table (name, tier, a_day) VALUES
    ('history_poll', 'raw', 86400000),
    ('history_reading', 'raw', 86400000),
    ('history_node_reading', 'raw', 86400000),
    ('history_node', 'raw', 1),
    ('history_minute', '1m', 1440),
    ('history_five_minutes', '5m', 288),
    ('history_quarter_hour', '15m', 96);

CREATE TABLE history_group (
    no integer PRIMARY KEY,
    id text NOT NULL UNIQUE
);
CREATE TABLE history_group_name (
    entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    group_no integer NOT NULL REFERENCES history_group,
    name text NOT NULL
);

-- `rolled` says up to which poll the minutes, five minutes and quarters of an hour were stored once this poll was.
CREATE TABLE history_poll (
    at_ms bigint NOT NULL,
    seq bigint NOT NULL,
    rolled bigint[] NOT NULL,
    PRIMARY KEY (at_ms, seq)
) PARTITION BY RANGE (at_ms);
CREATE INDEX history_poll_seq ON history_poll (seq);

CREATE TABLE history_reading (
    at_ms bigint NOT NULL,
    block smallint NOT NULL,
    seq bigint NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (at_ms, block, seq)
) PARTITION BY RANGE (at_ms);

-- The number of a node is one day's: the next day it has another.
CREATE TABLE history_node (
    day integer NOT NULL,
    no bigint NOT NULL,
    group_no integer NOT NULL,
    id text NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (day, group_no, id)
) PARTITION BY RANGE (day);

CREATE TABLE history_node_reading (
    at_ms bigint NOT NULL,
    seq bigint NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (at_ms, seq)
) PARTITION BY RANGE (at_ms);

-- A bin that is opened again, by a clock that was set back, gets another row: all rows of a bin are parts of it.
CREATE TABLE history_minute (
    bin bigint NOT NULL,
    block smallint NOT NULL,
    seq bigint NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (bin, block, seq)
) PARTITION BY RANGE (bin);
CREATE TABLE history_five_minutes (LIKE history_minute INCLUDING ALL) PARTITION BY RANGE (bin);
CREATE TABLE history_quarter_hour (LIKE history_minute INCLUDING ALL) PARTITION BY RANGE (bin);

-- Rows are deflated already: to try it again would cost time and win nothing.
ALTER TABLE history_reading ALTER data SET STORAGE EXTERNAL;
ALTER TABLE history_node_reading ALTER data SET STORAGE EXTERNAL;
ALTER TABLE history_minute ALTER data SET STORAGE EXTERNAL;
ALTER TABLE history_five_minutes ALTER data SET STORAGE EXTERNAL;
ALTER TABLE history_quarter_hour ALTER data SET STORAGE EXTERNAL;

-- The days that a table has partitions for.
CREATE FUNCTION history_days(name text) RETURNS SETOF integer
    LANGUAGE sql STABLE
    SET search_path = nodescaler, pg_temp
AS $$
    SELECT substring(part.relname FROM '[0-9]+$')::integer
    FROM pg_inherits
    JOIN pg_class AS part ON part.oid = pg_inherits.inhrelid
    WHERE pg_inherits.inhparent = ('nodescaler.' || name)::regclass
$$;

-- The turn to write: everybody else who keeps a history waits until that transaction has ended, and so does a migration.
-- How far the history is; no row before the first poll. `known` is the newest schema that the caller knows.
CREATE FUNCTION take_history(known integer) RETURNS TABLE (seq bigint, rolled bigint[])
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = nodescaler, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(1314081329);
    PERFORM require_schema(known);
    PERFORM pg_advisory_xact_lock(1314080817);
    RETURN QUERY SELECT newest.seq, newest.rolled FROM history_poll AS newest ORDER BY newest.seq DESC LIMIT 1;
END
$$;

-- Makes what is missing of one day. A table is filled in beside its parent and attached then, which holds up nobody.
CREATE FUNCTION provide_history_day(wanted integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = nodescaler, pg_temp
AS $$
DECLARE
    parent history_table;
    part text;
BEGIN
    IF wanted > extract(epoch FROM clock_timestamp()) / 86400 + 3 THEN
        RAISE EXCEPTION USING ERRCODE = 'NS004', MESSAGE = 'the clock of this machine is days ahead of the store''s';
    END IF;
    PERFORM pg_advisory_xact_lock(1314080817);
    FOR parent IN SELECT * FROM history_table LOOP
        part := format('%s_%s', parent.name, wanted);
        CONTINUE WHEN to_regclass(format('nodescaler.%I', part)) IS NOT NULL;
        -- Up to 8160 bytes a row stays in its page, and is read with it.
        EXECUTE format('CREATE TABLE nodescaler.%I (LIKE %I INCLUDING ALL) WITH (toast_tuple_target = 8160)',
                       part, parent.name);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION nodescaler.%I FOR VALUES FROM (%s) TO (%s)',
                       parent.name, part, wanted * parent.a_day, (wanted + 1) * parent.a_day);
    END LOOP;
END
$$;

-- Lets whole days go that are older than what is kept, by the newest poll and never by more than this server's clock;
-- an hour late, because open bins are still made of readings. How many are left to go: who is reading is not held up.
CREATE FUNCTION let_history_days_go() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = nodescaler, pg_temp
    SET lock_timeout = '100ms'
AS $$
DECLARE
    now_ms bigint := least(extract(epoch FROM clock_timestamp()) * 1000, (SELECT max(at_ms) FROM history_poll));
    old record;
    remaining integer := 0;
BEGIN
    FOR old IN
        SELECT parent.name, held AS day
        FROM history_table AS parent
        JOIN history_retention AS kept ON kept.tier = parent.tier
        CROSS JOIN LATERAL history_days(parent.name) AS held
        WHERE (held + 1 + kept.days) * 86400000::bigint + 3600000 <= now_ms
        ORDER BY held
    LOOP
        BEGIN
            EXECUTE format('DROP TABLE nodescaler.%I', format('%s_%s', old.name, old.day));
        EXCEPTION WHEN lock_not_available THEN
            remaining := remaining + 1;
        END;
    END LOOP;
    RETURN remaining;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA nodescaler FROM PUBLIC;
GRANT SELECT ON history_retention, history_table, history_group, history_group_name, history_poll, history_reading,
    history_node, history_node_reading, history_minute, history_five_minutes, history_quarter_hour TO nodescaler_viewer;
GRANT EXECUTE ON FUNCTION history_days TO nodescaler_viewer;
GRANT INSERT ON history_group, history_group_name, history_poll, history_reading, history_node, history_node_reading,
    history_minute, history_five_minutes, history_quarter_hour TO nodescaler_operator;
GRANT EXECUTE ON FUNCTION take_history, provide_history_day, let_history_days_go TO nodescaler_operator;
