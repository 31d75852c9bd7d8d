-- For wrk: sends the requests of a file in turn. A line is a path and, after a tab, an entity tag or nothing.
--   wrk … -s load.lua URL -- FILE [count]
-- With `count`, every answer's status and length are looked at, which costs wrk so much that nothing is measured
-- then; without it wrk itself counts statuses above 399, and the bytes tell the rest.
local requests, next_one = {}, 1

function init(arguments)
  for line in io.lines(arguments[1]) do
    local path, etag = line:match("^([^\t]*)\t(.*)$")
    local headers = {}
    if etag ~= "" then headers["If-None-Match"] = etag end
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
  if arguments[2] == "count" then
    counted, least = {}, -1
    response = function(status, _, body)
      counted[status] = (counted[status] or 0) + 1
      if least < 0 or #body < least then least = #body end
    end
  end
end

function request()
  local one = requests[next_one]
  next_one = next_one % #requests + 1
  return one
end

local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function done(summary, latency, _)
  local seen = {}
  for _, thread in ipairs(threads) do
    for status, count in pairs(thread:get("counted") or {}) do
      seen[#seen + 1] = string.format('"%d":%d', status, count)
    end
  end
  local least = threads[1]:get("least") or -1
  local wrong = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"seconds":%.4f,"bytes":%d,"p50_ms":%.3f,"p99_ms":%.3f,"refused":%d,"broken":%d,"shortest":%d,"statuses":{%s}}\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    wrong.status, wrong.connect + wrong.read + wrong.write + wrong.timeout, least, table.concat(seen, ",")))
end
