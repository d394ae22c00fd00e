#: dr
# The primary region is slow, not dead: nothing is promoted
advance 2m
slow eu-central-1 5s
advance 8m
expect promotions=0 writer=primary
slow eu-central-1 0s
advance 4m
expect state-phase=normal outage=0
