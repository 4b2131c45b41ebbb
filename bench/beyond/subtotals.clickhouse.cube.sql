SELECT count() AS count, uniqExact(visitor_id) AS visitors
FROM sessions WHERE started_at >= '2025-01-01 00:00:00' AND started_at < '2026-01-01 00:00:00' GROUP BY CUBE (country, device_type)
