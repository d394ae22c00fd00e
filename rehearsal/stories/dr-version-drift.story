#: dr
# The secondary runs another version: AWS refuses the managed failover, and a person is asked
version dr 16.6
advance 3m
invoke dr-failover {"action":"switchover"}
expect outcome=refused blockers=version-drift
dark eu-central-1
advance 6m
expect promotions=0 state-phase=needs-human
