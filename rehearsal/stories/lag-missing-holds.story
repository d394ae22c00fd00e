# No lag reading is no good news
lag none
advance 4m
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}
expect outcome=held blockers=lag-stale reader=0 verdict=missing
advance 20m
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}
expect outcome=held blockers=lag-unknown reader=0 verdict=missing
say A zero counts only while the task runs and the reading is young.
lag idle
advance 2m
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}
expect outcome=done reader=20 verdict=idle
task stopped RECOVERABLE_ERROR
invoke route53-updater {"action":"gradual_cutover","aurora_weight":50}
expect outcome=held blockers=replication-not-running reader=20
task running
tables errored 2
invoke route53-updater {"action":"gradual_cutover","aurora_weight":50}
expect outcome=held blockers=tables-in-error reader=20
tables mismatched 1
invoke route53-updater {"action":"gradual_cutover","aurora_weight":50}
expect outcome=held blockers=validation-mismatch reader=20
