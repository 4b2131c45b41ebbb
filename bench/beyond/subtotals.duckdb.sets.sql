SELECT count(*)::DOUBLE AS count, count(DISTINCT visitor_id)::DOUBLE AS visitors
FROM sessions WHERE started_at >= '2025-01-01' AND started_at < '2026-01-01' GROUP BY CUBE (country, device_type)
