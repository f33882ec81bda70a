"""Whether a search matches so many rows that ranking all of them would take too long."""

from django.db import migrations

# PostgreSQL's own estimate, by the statistics that it keeps of a column's words: it is asked for how many rows it would
# expect. To rank n of N rows, n are read; to find the latest 200 that match, 200 * N / n are: more than the square root
# of 200 * N match when the latter is less. Small tables are ranked whole, and 5,000 rows in any: that takes some 40 ms.
IS_COMMON = """
CREATE FUNCTION nexus_is_common(rows regclass, sought tsquery) RETURNS boolean LANGUAGE plpgsql VOLATILE STRICT AS $$
DECLARE
    total double precision := (SELECT reltuples FROM pg_class WHERE oid = rows);
    plan json;
BEGIN
    IF total < 5000 OR numnode(sought) = 0 THEN
        RETURN false;
    END IF;
    EXECUTE format('EXPLAIN (FORMAT JSON) SELECT FROM %s WHERE search @@ %L::tsquery', rows, sought) INTO plan;
    RETURN (plan -> 0 -> 'Plan' ->> 'Plan Rows')::double precision > greatest(5000, sqrt(200 * total));
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0018_orders_of_links")]

    operations = [migrations.RunSQL(IS_COMMON, "DROP FUNCTION nexus_is_common")]
