# Rollback from every phase
say Nothing has moved yet.
invoke route53-updater {"action":"rollback"}
expect outcome=unchanged phase=ready
say With some reads moved: at once.
invoke route53-updater {"action":"gradual_cutover","ladder":[20,50]}
invoke route53-updater {"action":"rollback"}
expect outcome=done phase=rolled-back reader=0 viability=lossless
invoke route53-updater {"action":"rollback"}
expect outcome=unchanged phase=rolled-back
say In the middle of a cutover, before the writer moved.
lag idle
advance 2m
invoke route53-updater {"action":"manual_cutover","writes_stopped":true}
expect outcome=in_progress phase=cutting-over reader=100 writer=0
invoke route53-updater {"action":"rollback"}
expect outcome=done phase=rolled-back reader=0 writer=0
advance 3m
say After the writer moved, with reverse replication running.
invoke route53-updater {"action":"manual_cutover","writes_stopped":true}
advance 8m
expect writer=100 state-phase=cut-over
reverse-lag 30s
advance 2m
invoke route53-updater {"action":"rollback"}
expect outcome=in_progress phase=rolling-back writer=100 waiting=carried-back
invoke route53-updater {"action":"rollback"}
expect outcome=in_progress
reverse-lag idle
advance 6m
expect writer=0 reader=0 state-phase=rolled-back
say After the writer moved, with reverse replication dead: a person decides.
invoke route53-updater {"action":"manual_cutover","writes_stopped":true}
advance 8m
expect writer=100
reverse failed
reverse-lag none
advance 5m
invoke route53-updater {"action":"rollback"}
expect outcome=needs_human blockers=rollback-lossy viability=lossy writer=100
invoke route53-updater {"action":"rollback","accept_data_loss":true,"reason":"orders of the last minutes are in the queue"}
advance 5m
expect writer=0 reader=0 state-phase=rolled-back
say Completed means that there is no way back.
reverse stopped
reverse-lag idle
advance 2m
invoke route53-updater {"action":"manual_cutover","writes_stopped":true}
advance 8m
invoke route53-updater {"action":"complete"}
expect outcome=done phase=completed
invoke route53-updater {"action":"rollback"}
expect outcome=refused phase=completed writer=100
