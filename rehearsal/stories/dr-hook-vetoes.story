#: dr veto
# Somebody's own hook vetoes a planned switch; a forced failover does not ask it
advance 2m
invoke dr-failover {"action":"switchover","reason":"maintenance"}
expect outcome=held blockers=hook-veto writer=primary
dark eu-central-1
advance 6m
expect promotions=1 writer=dr traffic=dr
