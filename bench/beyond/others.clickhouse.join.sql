WITH largest AS (
  SELECT toMonth(started_at) AS month, city FROM sessions WHERE started_at >= '2025-01-01 00:00:00' AND started_at < '2026-01-01 00:00:00'
  GROUP BY month, city ORDER BY month, count() DESC, city LIMIT 10 BY month
)
SELECT count() AS count, uniqExact(visitor_id) AS visitors FROM (
  SELECT monthly.month AS month, visitor_id, if(largest.month = 0, '(others)', monthly.city) AS name
  FROM (
    SELECT toMonth(started_at) AS month, city, visitor_id FROM sessions WHERE started_at >= '2025-01-01 00:00:00' AND started_at < '2026-01-01 00:00:00'
  ) AS monthly LEFT JOIN largest ON monthly.month = largest.month AND monthly.city = largest.city
) GROUP BY month, name
