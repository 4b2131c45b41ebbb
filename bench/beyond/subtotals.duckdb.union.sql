WITH inside AS (SELECT country, device_type, visitor_id FROM sessions WHERE started_at >= '2025-01-01' AND started_at < '2026-01-01')
SELECT count(*)::DOUBLE AS count, count(DISTINCT visitor_id)::DOUBLE AS visitors FROM inside GROUP BY country, device_type
UNION ALL SELECT count(*), count(DISTINCT visitor_id) FROM inside GROUP BY country
UNION ALL SELECT count(*), count(DISTINCT visitor_id) FROM inside GROUP BY device_type
UNION ALL SELECT count(*), count(DISTINCT visitor_id) FROM inside
