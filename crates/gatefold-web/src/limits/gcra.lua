-- The generic cell rate algorithm, for one key, at once.
-- KEYS[1]: whose requests. ARGV: the time in which one request's worth comes back (microseconds),
-- how many may come at once, how many come now, and the time (microseconds), or nothing for the
-- server's own, which all instances share.
-- Answers: 1 or 0, how many more there may be at once, after how many microseconds to come again.
local interval = tonumber(ARGV[1])
local limit = tonumber(ARGV[2])
local cost = tonumber(ARGV[3])
local now
if ARGV[4] == '' then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
else
  now = tonumber(ARGV[4])
end
-- When everything that was counted will have come back.
local back = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local after = back + interval * cost
local early = after - interval * limit - now
if early > 0 then
  return {0, 0, early}
end
local keep = math.ceil((after - now) / 1000)
if ARGV[4] ~= '' then
  -- Somebody else's time may stand still while the server's does not.
  keep = keep + 3600000
end
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', keep)
return {1, math.floor(-early / interval), 0}
