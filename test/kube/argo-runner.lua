-- Runs health scripts as Argo CD does: arg[1] is the script, arg[2] a file that returns a list of objects. Only the base
-- and table libraries, no methods on strings, one second. Prints status, tab, message, a line each.
local base = {
  "_VERSION", "assert", "collectgarbage", "error", "getfenv", "getmetatable", "ipairs", "load", "loadstring", "next", "pairs",
  "pcall", "print", "rawequal", "rawget", "rawset", "select", "setfenv", "setmetatable", "tonumber", "tostring", "type",
  "unpack", "xpcall",
}
local clock, format, gsub, write = os.clock, string.format, string.gsub, io.write

local objects = assert(loadfile(arg[2]))()
local health = assert(loadfile(arg[1]))
local strings = getmetatable("")

for _, object in ipairs(objects) do
  local environment = { table = table, obj = object }
  environment._G = environment
  for _, name in ipairs(base) do environment[name] = _G[name] end
  setfenv(health, environment)

  local until_when = clock() + 1
  debug.setmetatable("", nil)
  debug.sethook(function() if clock() > until_when then error("ran for more than a second", 2) end end, "", 10000)
  local fine, verdict = pcall(health)
  debug.sethook()
  debug.setmetatable("", strings)

  assert(fine, verdict)
  assert(type(verdict) == "table", "returned no table")
  write(format("%s\t%s\n", verdict.status, (gsub(verdict.message, "\n", " "))))
end
