-- Run as: wrk -s load.lua URL -- MODE LIMIT CONNECTIONS (METHOD PATH BODY)...
--
-- MODE is rotate (the requests in turn), drop (the same, and who was told what when) or holds (the
-- first request makes a hold, and each hold that is answered is confirmed). With a LIMIT above 0
-- it ends after so many answers. Prints one JSON object as its last line.

local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } bench_time;
  int clock_gettime(int clock, bench_time *time);
  int getpid(void);
  int kill(int process, int signal);
]]
local MONOTONIC, SIGINT = 1, 2
local moment = ffi.new("bench_time")

local function now()
  ffi.C.clock_gettime(MONOTONIC, moment)
  return tonumber(moment.seconds) + tonumber(moment.nanoseconds) / 1e9
end

local thread_of_run

function setup(thread)
  thread_of_run = thread
end

local function formatted(method, path, body)
  local headers = {}
  for name, value in pairs(wrk.headers) do headers[name] = value end
  if body ~= "" then headers["Content-Type"] = "application/json" end
  if method == "POST" then headers["Content-Length"] = #body end
  return wrk.format(method, path, headers, body ~= "" and body or nil)
end

local limit, requests, turn = 0, {}, 0
local held = {}
-- Globals, because done() runs elsewhere and sees only these.
answered, created, confirmed, refused, failed, false_refusals = 0, 0, 0, 0, 0, 0
started, sold_out_at, answered_at_sold_out, stopped = 0, 0, 0, 0

local function next_of_rotation()
  turn = turn % #requests + 1
  return requests[turn]
end

local function count(status)
  answered = answered + 1
  if status == 201 then
    created = created + 1
    sold_out_at, answered_at_sold_out = now(), answered
  elseif status == 200 then
    confirmed = confirmed + 1
  elseif status == 409 then
    refused = refused + 1
  else
    failed = failed + 1
  end
  if answered == limit then
    stopped = now()
    wrk.thread:stop()
    -- The thread that waits for the end of the time would sleep on.
    ffi.C.kill(ffi.C.getpid(), SIGINT)
  end
end

local function drop(in_flight)
  -- How many were refused when so many seats had been sold.
  local refused_when = {}
  request = function()
    -- wrk asks once before it begins.
    turn = turn + 1
    if turn <= 2 then started = now() end
    return requests[1]
  end
  response = function(status)
    count(status)
    if status == 409 then refused_when[created] = (refused_when[created] or 0) + 1 end
    if answered == limit then
      -- More seats were sold later than requests were on their way: some must have been left.
      for sold, times in pairs(refused_when) do
        if created - sold > in_flight then false_refusals = false_refusals + times end
      end
    end
  end
end

local function holds(path)
  request = function()
    local id = table.remove(held)
    if id then return formatted("POST", path .. "/" .. id .. "/confirm", "") end
    return requests[1]
  end
  response = function(status, _, body)
    count(status)
    if status == 201 then held[#held + 1] = body:match('"reservationId":"([^"]+)"') end
  end
end

function init(args)
  local mode = args[1]
  limit = tonumber(args[2])
  for place = 4, #args, 3 do
    requests[#requests + 1] = formatted(args[place], args[place + 1], args[place + 2])
  end
  if mode == "drop" then
    drop(tonumber(args[3]) - 1)
  elseif mode == "holds" then
    holds(args[5])
  else
    request = next_of_rotation
    if limit > 0 then response = count end
  end
end

function done(summary, latency)
  local errors = summary.errors
  local function told(name) return thread_of_run:get(name) end
  io.write(string.format(
    '\n{"requests": %d, "broken": %d, "errors": %d, "seconds": %.6f, "p50_ms": %.3f, '
      .. '"p99_ms": %.3f, "created": %d, "confirmed": %d, "refused": %d, "failed": %d, '
      .. '"false_refusals": %d, "started": %.6f, "sold_out_at": %.6f, '
      .. '"answered_at_sold_out": %d, "stopped": %.6f}\n',
    summary.requests, errors.connect + errors.read + errors.write + errors.timeout, errors.status,
    summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    told("created"), told("confirmed"), told("refused"), told("failed"), told("false_refusals"),
    told("started"), told("sold_out_at"), told("answered_at_sold_out"), told("stopped")
  ))
end
