#: shared
# One name for reads and writes: no percentages without replication both ways
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}
expect outcome=held blockers=split-writes-unsafe reader=0
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20,"force":["split-writes-unsafe"]}
expect outcome=held blockers=split-writes-unsafe reader=0
say With both tasks running a share is safe.
reverse running
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}
expect outcome=done reader=20
invoke route53-updater {"action":"rollback"}
advance 4m
expect reader=0 state-phase=rolled-back
lag idle
advance 2m
invoke route53-updater {"action":"manual_cutover","writes_stopped":true}
advance 6m
expect reader=100 state-phase=cut-over
