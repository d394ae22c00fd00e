#: dr
# An alarm goes off and on ten times: people are told once, and nothing moves
advance 2m
canary failing
advance 1m
canary well
advance 1m
canary failing
advance 1m
canary well
advance 1m
canary failing
advance 1m
canary well
advance 1m
canary failing
advance 1m
canary well
advance 1m
canary failing
advance 1m
canary well
advance 3m
expect promotions=0 state-phase=normal outage=0 writer=primary
