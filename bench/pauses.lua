-- For wrk: each connection waits 1, 2 or 3 ms before it asks again, so that the machine is busy and has time left.
local asked = 0

function delay()
  asked = asked + 1
  return 1 + asked % 3
end
