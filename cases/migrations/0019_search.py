"""Chinese search: bigrams of title and description, and numbers read from their end (ADR 0021)."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models

import cases.models.case

# Upper case, as the LIKE beside it. The last character stands alone as well, so that one character finds it wherever
# it stands: as the beginning of a pair or as the end of the text.
FUNCTIONS = r"""
CREATE FUNCTION cases_bigrams(matter text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 200
AS $$
    SELECT array_to_tsvector(coalesce(array_agg(DISTINCT pair), '{}'))
    FROM (
        SELECT sign || lead(sign, 1, '') OVER (ORDER BY place) AS pair
        FROM unnest(string_to_array(upper(matter), NULL)) WITH ORDINALITY AS signs (sign, place)
    ) AS pairs
$$;

CREATE FUNCTION cases_bigram_query(term text) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT string_agg(
        quoted_pair || CASE WHEN following IS NULL THEN ':*' ELSE '' END, ' & '
    )::tsquery
    FROM (
        SELECT following, count(*) OVER () AS signs, '''' ||
            replace(replace(sign || coalesce(following, ''), '\', '\\'), '''', '''''') || '''' AS quoted_pair
        FROM (
            SELECT sign, lead(sign) OVER (ORDER BY place) AS following
            FROM unnest(string_to_array(upper(term), NULL)) WITH ORDINALITY AS signs (sign, place)
        ) AS pairs
    ) AS quoted
    WHERE following IS NOT NULL OR signs = 1
$$;
"""
WITHOUT = "DROP FUNCTION cases_bigrams(text); DROP FUNCTION cases_bigram_query(text)"


class Migration(migrations.Migration):
    dependencies = [("cases", "0018_interview_rules")]

    operations = [
        migrations.RunSQL(FUNCTIONS, WITHOUT),
        migrations.AddIndex(
            model_name="case",
            index=django.contrib.postgres.indexes.GinIndex(
                cases.models.case.Bigrams(cases.models.case.MatterText(models.F("title"), models.F("description"))),
                name="case_matter_bigrams",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(django.db.models.functions.text.Reverse("number"), name="case_number_backwards"),
        ),
        migrations.AddIndex(model_name="case", index=models.Index(fields=["due_at", "id"], name="case_due")),
    ]
