# A cutover whose target does not catch up goes all the way back
invoke route53-updater {"action":"gradual_cutover","aurora_weight":50}
lag 1s
advance 2m
invoke route53-updater {"action":"manual_cutover","writes_stopped":true}
expect outcome=in_progress phase=cutting-over reader=100 writer=0
advance 12m
expect writer=0 reader=50 state-phase=shifting state-outcome=finished
say With a reverse task that cannot run there is no cutover either.
lag idle
advance 2m
reverse failed
invoke route53-updater {"action":"manual_cutover","writes_stopped":true}
expect outcome=held blockers=reverse-not-ready writer=0
reverse ready
fault dms fail of StartReplicationTask
invoke route53-updater {"action":"manual_cutover","writes_stopped":true}
advance 2m
fault clear
advance 8m
expect writer=100 state-phase=cut-over
