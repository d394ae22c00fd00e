#: alarms orders-5xx=rollback
# An alarm goes off after the writer moved, and the source has every write already: alarm-rollback takes all back at once
alarm orders-5xx OK
lag idle
advance 2m
invoke route53-updater {"action":"manual_cutover","writes_stopped":true}
advance 6m
expect writer=100 state-phase=cut-over
reverse-lag idle
advance 2m
alarm orders-5xx ALARM
advance 6m
expect writer=0 reader=0 state-phase=rolled-back
