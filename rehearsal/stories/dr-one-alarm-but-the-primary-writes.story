#: dr
# One alarm goes off and the primary writes: nothing is promoted, and people are told why
advance 2m
canary failing
advance 10m
expect promotions=0 writer=primary traffic=primary state-phase=suspected
say A second alarm makes no difference while the primary is seen writing.
alarm cutover-dr-replication-dev ALARM in eu-west-1
advance 10s
expect promotions=0 writer=primary
advance 5m
canary well
advance 3m
expect state-phase=normal promotions=0 hold=none outage=0
