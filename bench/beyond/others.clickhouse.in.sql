-- The ten largest cities of each month by LIMIT BY, then all sessions again with the other cities as one.
WITH largest AS (
  SELECT toMonth(started_at) AS month, city FROM sessions WHERE started_at >= '2025-01-01 00:00:00' AND started_at < '2026-01-01 00:00:00'
  GROUP BY month, city ORDER BY month, count() DESC, city LIMIT 10 BY month
)
SELECT count() AS count, uniqExact(visitor_id) AS visitors
FROM sessions WHERE started_at >= '2025-01-01 00:00:00' AND started_at < '2026-01-01 00:00:00'
GROUP BY toMonth(started_at) AS month, if((month, city) IN (SELECT month, city FROM largest), city, '(others)') AS name
