-- One pass: the months of each visitor as bits of an integer.
WITH kinds AS (
  SELECT cohort, months, count() AS n FROM (
    SELECT visitor_id, min(toMonth(started_at)) AS cohort, groupBitOr(bitShiftLeft(toUInt16(1), toMonth(started_at))) AS months
    FROM sessions WHERE started_at >= '2025-01-01 00:00:00' AND started_at < '2026-01-01 00:00:00' GROUP BY visitor_id
  ) GROUP BY cohort, months
), sizes AS (
  SELECT cohort, sum(n) AS cohort_size FROM kinds GROUP BY cohort
)
SELECT period, cohort_size, sum(n) AS visitors
FROM (SELECT cohort, months, n, arrayJoin(range(12)) AS period FROM kinds) AS marked JOIN sizes USING (cohort)
WHERE cohort + period <= 12 AND bitTest(months, cohort + period) GROUP BY cohort, period, cohort_size
