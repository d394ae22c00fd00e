#: dr
#: dr-parameter DrillBlockedWindows=mon-fri 08:00-18:00
# A drill: refused at a blocked time and while an alarm is active; else there, verified, and back, with a report
advance 2m
invoke dr-failover {"action":"drill"}
expect outcome=refused blockers=blocked-window
clients away
advance 9h
clients back
advance 1m
canary failing
advance 2m
invoke dr-failover {"action":"drill"}
expect outcome=refused
canary well
advance 3m
invoke dr-failover {"action":"drill","reason":"the monthly one"}
advance 15m
expect writer=primary traffic=primary application=primary state-phase=normal lost-writes=0
