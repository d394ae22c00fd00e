#: without-reverse
#: alarms orders-5xx=rollback
# An alarm goes off after the writer moved, and nothing carries writes back: a person decides what they are worth
alarm orders-5xx OK
lag idle
advance 2m
invoke route53-updater {"action":"manual_cutover","writes_stopped":true,"force":["reverse-not-ready"],"reason":"we go forward only"}
advance 6m
expect writer=100 state-phase=cut-over
advance 10m
say Going back now would lose what was written since. It holds, and pages with the seconds at stake.
alarm orders-5xx ALARM
expect writer=100 state-phase=cut-over hold=rollback-lossy
advance 10m
expect writer=100
say The person has weighed it: ten minutes of orders are in the queue and can be played again.
invoke route53-updater {"action":"rollback","accept_data_loss":true,"reason":"orders are in the queue"}
advance 5m
expect writer=0 reader=0 state-phase=rolled-back
