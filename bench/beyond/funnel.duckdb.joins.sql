-- Joins of each first step with all second ones in its window, and of those with all third ones.
WITH steps AS (
  SELECT visitor_id, started_at, session_id, device_type = 'mobile' AS s1, device_type = 'desktop' AS s2, session_duration_secs >= 60 AS s3
  FROM sessions
  WHERE started_at >= '2025-01-01' AND started_at < '2026-01-01' AND (device_type IN ('mobile', 'desktop') OR session_duration_secs >= 60)
), two AS (
  SELECT f.visitor_id, f.started_at, min((s.started_at, s.session_id)) FILTER (s.visitor_id IS NOT NULL) AS second
  FROM (SELECT * FROM steps WHERE s1) f LEFT JOIN (SELECT * FROM steps WHERE s2) s
    ON f.visitor_id = s.visitor_id AND (s.started_at, s.session_id) > (f.started_at, f.session_id) AND s.started_at <= f.started_at + INTERVAL 7 DAY
  GROUP BY f.visitor_id, f.started_at, f.session_id
), visitors AS (
  SELECT two.visitor_id, max(CASE WHEN t.visitor_id IS NOT NULL THEN 3 WHEN second IS NOT NULL THEN 2 ELSE 1 END) AS reached
  FROM two LEFT JOIN (SELECT * FROM steps WHERE s3) t
    ON two.visitor_id = t.visitor_id AND (t.started_at, t.session_id) > second AND t.started_at <= two.started_at + INTERVAL 7 DAY
  GROUP BY two.visitor_id
)
SELECT step, count(*) FILTER (reached >= step) AS visitors FROM visitors CROSS JOIN (SELECT unnest([1, 2, 3]) AS step) GROUP BY step
