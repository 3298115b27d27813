-- For wrk: sends the callbacks of a file one after the other. Arguments: path, file.
local requests, at = {}, 0

function init(arguments)
  local path, file = arguments[1], arguments[2]
  local headers = { ["Content-Type"] = "text/xml" }
  for line in io.lines(file) do
    local query, body = line:match("^(.-)\t(.*)$")
    requests[#requests + 1] = wrk.format("POST", path .. query, headers, body)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("result %d %d %d\n", summary.requests, summary.duration, failed))
end
