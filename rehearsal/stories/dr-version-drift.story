#: dr
# The secondary runs another version: AWS refuses the managed failover, and a person is asked
version dr 16.6
advance 3m
invoke dr-failover {"action":"switchover"}
expect outcome=refused blockers=version-drift
dark eu-central-1
advance 6m
expect promotions=0 state-phase=needs-human
say Only a person may give up the topology; that the region then knows of no global cluster is expected.
invoke dr-failover {"action":"failover","target":"dr","accept_data_loss":true,"reason":"the versions cannot be mended now"}
advance 5m
expect promotions=1 writer=dr traffic=dr state-phase=failed-over
