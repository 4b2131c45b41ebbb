/** Zones with something odd: half hours, missing or repeated midnights, a skipped day, two changes in a month. */
export const ZONES = [
  'UTC', 'Europe/Helsinki', 'America/Los_Angeles', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'Africa/Casablanca', 'Pacific/Apia',
  'America/St_Johns', 'Asia/Gaza', 'Antarctica/Troll', 'Asia/Tehran', 'Pacific/Chatham', 'America/Havana', 'Africa/Cairo', 'Europe/London'
] as const
