# Nothing is written, and lag is zero: idle counts as level while the task runs and the reading is young
lag idle
advance 5m
expect state-phase=ready ready=true
invoke route53-updater {"action":"status"}
expect verdict=idle blockers=none
invoke route53-updater {"action":"gradual_cutover","ladder":[20,100],"bake_minutes":5}
advance 12m
expect reader=100 hold=none
say The same zero from a task that does not run says nothing.
task stopped NORMAL
advance 2m
expect hold=replication-not-running ready=false
invoke route53-updater {"action":"manual_cutover","writes_stopped":true}
expect outcome=held writer=0
task running
advance 3m
expect hold=none ready=true
