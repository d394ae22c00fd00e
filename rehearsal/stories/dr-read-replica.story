#: dr replica
# The DR cluster is a read replica: it is promoted, and there is no way back by a command
advance 3m
invoke dr-failover {"action":"switchover"}
expect outcome=refused blockers=switchover-unsupported
dark eu-central-1
advance 8m
expect promotions=1 writer=dr traffic=dr state-phase=failed-over
invoke dr-failover {"action":"failback"}
expect outcome=refused
