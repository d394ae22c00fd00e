# Somebody edits the record by hand: nothing is overwritten, both values are said
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}
advance 3m
edit reader 60/40
advance 2m
expect hold=drift reader=40
invoke route53-updater {"action":"gradual_cutover","aurora_weight":50}
expect outcome=held blockers=drift reader=40
invoke route53-updater {"action":"rollback"}
expect outcome=held blockers=drift reader=40
say Adopting what stands is a decision like any other.
invoke route53-updater {"action":"gradual_cutover","aurora_weight":50,"force":["drift"],"reason":"the edit was ours"}
expect outcome=done forced=drift reader=50
advance 3m
expect hold=none
say An edit between looking and writing: the change fails as a whole, and is not tried on top of it.
delete reader target
invoke route53-updater {"action":"gradual_cutover","aurora_weight":80}
expect outcome=held blockers=record-missing
advance 2m
expect hold=record-missing
