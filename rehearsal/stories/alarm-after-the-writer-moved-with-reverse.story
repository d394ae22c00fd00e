#: alarms orders-5xx=rollback
# An alarm goes off after the writer moved: reverse replication carries every write back first
alarm orders-5xx OK
lag idle
advance 2m
invoke route53-updater {"action":"manual_cutover","writes_stopped":true}
advance 6m
expect writer=100 state-phase=cut-over
say The reverse task is half a minute behind when the alarm goes off. Going back waits for it, and loses nothing.
reverse-lag 30s
advance 2m
alarm orders-5xx ALARM
expect writer=100 state-phase=rolling-back
advance 2m
expect writer=100
reverse-lag idle
advance 6m
expect writer=0 reader=0 state-phase=rolled-back
