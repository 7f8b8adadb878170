-- Health of pgha's kinds for Argo CD, which runs it with nothing but Lua's base and
-- table libraries, for at most a second: https://argo-cd.readthedocs.io/en/stable/operator-manual/health/

local function verdict(status, message)
  return { status = status, message = message or "" }
end

local generation = obj.metadata and obj.metadata.generation
local status = obj.status
if status == nil or status.conditions == nil then
  return verdict("Progressing", "the operator has not looked yet")
end
-- A status is about the generation that it names. What it says of an older spec is no news about this one.
if generation ~= nil and status.observedGeneration ~= generation then
  return verdict("Progressing", "the operator has not taken up the change yet")
end

local is = {}
for _, condition in ipairs(status.conditions) do
  if condition.status == "True" then
    is[condition.type] = condition
  elseif condition.type == "Ready" then
    is.NotReady = condition
  end
end

if is.Paused then
  return verdict("Suspended", is.Paused.message)
end
-- Needs a person.
if is.Stalled then
  return verdict("Degraded", is.Stalled.message)
end
if is.Ready then
  return verdict("Healthy", is.Ready.message)
end
-- Clients are served, by fewer than should: a host is away. While something is still under way, such as a replica that
-- restarts with new settings, this passes by itself; Argo CD would call the sync failed.
if is.Degraded and is.Degraded.reason == "ReducedRedundancy" and not is.Progressing then
  return verdict("Degraded", is.Degraded.message)
end
return verdict("Progressing", is.NotReady and is.NotReady.message)
