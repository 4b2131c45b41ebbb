-- The usual way: the month of each visitor's first session, joined to the months in which they had any.
WITH months AS (
  SELECT DISTINCT visitor_id, month(started_at) AS m FROM sessions WHERE started_at >= '2025-01-01' AND started_at < '2026-01-01'
), cohorts AS (
  SELECT visitor_id, min(m) AS cohort FROM months GROUP BY visitor_id
), sizes AS (
  SELECT cohort, count(*) AS cohort_size FROM cohorts GROUP BY cohort
)
SELECT m - cohort AS period, cohort_size, count(*) AS visitors FROM months JOIN cohorts USING (visitor_id) JOIN sizes USING (cohort) GROUP BY ALL
