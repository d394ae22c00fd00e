# Two operators at the same moment: one decision, and no traffic in between
together route53-updater {"action":"gradual_cutover","aurora_weight":20} | {"action":"gradual_cutover","aurora_weight":50}
advance 2m
say Whoever loses the claim looks again and decides anew: two decisions, one after the other.
expect state-generation=2 reader=50
say While the first one still waits for Route 53, the second is held rather than let in between.
fault route53 delay 2s 1 of ChangeResourceRecordSets
together route53-updater {"action":"gradual_cutover","aurora_weight":60} | {"action":"gradual_cutover","aurora_weight":70}
expect outcome=held blockers=in-progress reader=60
advance 2m
say The same command twice is one change.
together route53-updater {"action":"gradual_cutover","aurora_weight":80} | {"action":"gradual_cutover","aurora_weight":80}
advance 2m
expect reader=80 state-generation=4
say A rollback waits for nobody. Whoever came first, traffic ends where the last decision says.
together route53-updater {"action":"gradual_cutover","aurora_weight":100} | {"action":"rollback"}
advance 3m
invoke route53-updater {"action":"status"}
say A decision made on an old state is refused.
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20,"expected_generation":1}
expect outcome=refused blockers=generation-moved
