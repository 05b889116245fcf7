-- What wrk posts: the bodies of a file, one after the other and over again.
-- Usage: wrk --script wrk.lua URL -- FILE. Looks at no answer.

local requests = {}
local place = 0

function init(arguments)
   local headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }
   for body in io.lines(arguments[1]) do
      requests[#requests + 1] = wrk.format("POST", nil, headers, body)
   end
end

function request()
   place = place % #requests + 1
   return requests[place]
end
