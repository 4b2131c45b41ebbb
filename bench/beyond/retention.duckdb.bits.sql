-- One pass: the months of each visitor as bits of an integer.
WITH visitors AS (
  SELECT visitor_id, min(month(started_at)) AS cohort, bit_or(1 << month(started_at)::INTEGER) AS months
  FROM sessions WHERE started_at >= '2025-01-01' AND started_at < '2026-01-01' GROUP BY visitor_id
), kinds AS (
  SELECT cohort, months, count(*) AS n FROM visitors GROUP BY ALL
), sizes AS (
  SELECT cohort, sum(n) AS cohort_size FROM kinds GROUP BY cohort
)
SELECT period, cohort_size, sum(n) AS visitors
FROM kinds JOIN sizes USING (cohort) CROSS JOIN (SELECT unnest(range(0, 12)) AS period)
WHERE (months >> (cohort + period)::INTEGER) & 1 = 1 AND cohort + period <= 12 GROUP BY ALL
