-- Which of the visitors that tie at the limit are in the answer is open: their counts are compared.
SELECT count() AS count FROM sessions WHERE started_at >= '2025-01-01 00:00:00' AND started_at < '2026-01-01 00:00:00'
GROUP BY visitor_id HAVING sum(session_duration_secs) / count() > 60 ORDER BY count DESC LIMIT 100
