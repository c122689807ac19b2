"""The server's own record: triggers of the superuser write down each change of hands and each observation, in order.

Nothing of the product reads or writes it, so it cannot agree with the product by sharing its mistakes. The numbers of
its lines are given out under the lease's row lock, so their order is that in which the server let it happen.
"""

from __future__ import annotations

from benchmarks.team_proof.evidence import Entry
from tests.postgresql.databases import Database

_TABLE = """
CREATE TABLE public.proof (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lease text NOT NULL,
    token bigint NOT NULL,
    is_observation boolean NOT NULL
)
"""
_LEASES = """
CREATE FUNCTION public.proof_of_lease() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF TG_OP = 'INSERT' OR NEW.token <> OLD.token THEN
        INSERT INTO public.proof (lease, token, is_observation) VALUES (NEW.name, NEW.token, false);
    END IF;
    RETURN NULL;
END
$$
"""
_OBSERVATIONS = """
CREATE FUNCTION public.proof_of_observation() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO public.proof (lease, token, is_observation) VALUES (NEW.lease, NEW.token, true);
    RETURN NULL;
END
$$
"""


def keep_record(store: Database) -> None:
    """From now on."""
    store.run(
        _TABLE,
        _LEASES,
        _OBSERVATIONS,
        "CREATE TRIGGER proof AFTER INSERT OR UPDATE ON lease FOR EACH ROW EXECUTE FUNCTION public.proof_of_lease()",
        "CREATE TRIGGER proof AFTER INSERT ON observation FOR EACH ROW EXECUTE FUNCTION public.proof_of_observation()",
    )


def record_of(store: Database) -> list[Entry]:
    """Every line, in the server's order."""
    with store.connect() as connection:
        rows = connection.execute("SELECT lease, token, is_observation FROM public.proof ORDER BY number").fetchall()
    return [Entry(str(lease), int(str(token)), bool(is_observation)) for lease, token, is_observation in rows]
