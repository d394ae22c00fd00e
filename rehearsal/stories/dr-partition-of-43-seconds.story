#: dr
# The two regions cannot reach each other for 43 seconds: nothing is promoted
advance 2m
part eu-central-1 eu-west-1
advance 43s
join eu-central-1 eu-west-1
advance 10m
expect promotions=0 writer=primary traffic=primary state-phase=normal outage=0
