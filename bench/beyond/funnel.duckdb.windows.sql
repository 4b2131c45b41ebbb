-- The first session that follows, by windows from the end: for each session the next that does step 2 or 3, and for each the end of the best chain.
WITH marked AS (
  SELECT visitor_id, started_at, session_id, device_type = 'mobile' AS s1, device_type = 'desktop' AS s2, session_duration_secs >= 60 AS s3
  FROM sessions
  WHERE started_at >= '2025-01-01' AND started_at < '2026-01-01' AND (device_type IN ('mobile', 'desktop') OR session_duration_secs >= 60)
), seconds AS (
  SELECT *, min(CASE WHEN s2 THEN started_at END) OVER after_it AS second, min(CASE WHEN s3 THEN started_at END) OVER after_it AS third
  FROM marked
  WINDOW after_it AS (PARTITION BY visitor_id ORDER BY started_at DESC, session_id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), thirds AS (
  SELECT *, min(CASE WHEN s2 THEN third END) OVER after_it AS ended
  FROM seconds
  WINDOW after_it AS (PARTITION BY visitor_id ORDER BY started_at DESC, session_id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), visitors AS (
  SELECT visitor_id, max(CASE WHEN ended <= started_at + INTERVAL 7 DAY THEN 3 WHEN second <= started_at + INTERVAL 7 DAY THEN 2 ELSE 1 END) AS reached
  FROM thirds WHERE s1 GROUP BY visitor_id
)
SELECT step, count(*) FILTER (reached >= step) AS visitors FROM visitors CROSS JOIN (SELECT unnest([1, 2, 3]) AS step) GROUP BY step
