-- One session does one step, and strict_increase would lose chains: a session that does steps 2 and 3 replaces an earlier step 2 before its step 3 is looked at.
-- So each step is an event of its own, of one session the last step first, in quarters of a millisecond.
SELECT step, countIf(reached >= step) AS visitors FROM (
  SELECT visitor_id, windowFunnel(2419200000)(at, does = 1, does = 2, does = 3) AS reached FROM (
    SELECT visitor_id, toUInt64(toUnixTimestamp64Milli(started_at) * 4 + 3 - does) AS at,
      arrayJoin(arrayFilter(x -> x != 0, [if(device_type = 'mobile', 1, 0), if(device_type = 'desktop', 2, 0), if(session_duration_secs >= 60, 3, 0)])) AS does
    FROM sessions WHERE started_at >= '2025-01-01 00:00:00' AND started_at < '2026-01-01 00:00:00'
  ) GROUP BY visitor_id
) ARRAY JOIN [1, 2, 3] AS step GROUP BY step
