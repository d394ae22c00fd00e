# A crash between Route 53 and the snapshot: the tick finds what was done and records it
crash after set-reader-weight
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}
expect error=Runtime.ExitError reader=20 state-generation=none
say While the deadline of the crashed one runs, an equal command is answered as in progress.
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}
expect outcome=in_progress
invoke route53-updater {"action":"gradual_cutover","aurora_weight":50}
expect outcome=held blockers=in-progress reader=20
advance 3m
expect reader=20 state-generation=1 state-outcome=finished
say A crash right after the claim: nothing was changed yet, and the tick carries it out.
crash after claim
invoke route53-updater {"action":"gradual_cutover","aurora_weight":50}
expect error=Runtime.ExitError reader=20
advance 3m
expect reader=50 state-generation=2 state-outcome=finished
say A crash before the writer flips: the cutover goes on where it stopped.
lag idle
advance 2m
crash before set-writer-weight
invoke route53-updater {"action":"manual_cutover","writes_stopped":true}
advance 8m
expect writer=100 reader=100 state-phase=cut-over
say And after the flip: nothing is flipped twice.
crash after set-writer-weight
invoke route53-updater {"action":"rollback"}
expect error=Runtime.ExitError writer=0
advance 6m
expect writer=0 reader=0 state-phase=rolled-back
