-- The ten largest cities of each month, then all sessions again with the other cities as one.
WITH monthly AS (
  SELECT month(started_at) AS month, city, visitor_id FROM sessions WHERE started_at >= '2025-01-01' AND started_at < '2026-01-01'
), largest AS (
  SELECT month, city FROM (SELECT month, city, count(*) AS count FROM monthly GROUP BY month, city)
  QUALIFY row_number() OVER (PARTITION BY month ORDER BY count DESC, city NULLS FIRST) <= 10
), named AS (
  SELECT monthly.month, visitor_id, CASE WHEN largest.month IS NULL THEN '(others)' ELSE monthly.city::VARCHAR END AS name
  FROM monthly LEFT JOIN largest ON monthly.month = largest.month AND monthly.city IS NOT DISTINCT FROM largest.city
)
SELECT count(*)::DOUBLE AS count, count(DISTINCT visitor_id)::DOUBLE AS visitors FROM named GROUP BY month, name
