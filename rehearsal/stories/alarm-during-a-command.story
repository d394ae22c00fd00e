#: alarms orders-5xx=rollback
# An alarm goes off while a command is being carried out: the way back waits for nobody
alarm orders-5xx OK
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}
advance 3m
say Somebody forces reads up while the alarm already rings. Route 53 is slow; the alarm's event overtakes the command.
events late 2s
alarm orders-5xx ALARM
fault route53 delay 5s 1 of ChangeResourceRecordSets
invoke route53-updater {"action":"gradual_cutover","aurora_weight":80,"force":["alarm-active"],"reason":"it will pass"}
advance 3m
expect reader=0 state-phase=rolled-back
say The same in the middle of a cutover, before the writer has moved.
events fair
alarm orders-5xx OK
lag idle
advance 3m
invoke route53-updater {"action":"manual_cutover","writes_stopped":true}
expect outcome=in_progress phase=cutting-over writer=0
alarm orders-5xx ALARM
expect reader=0 writer=0 state-phase=rolled-back
advance 5m
expect reader=0 writer=0 state-phase=rolled-back state-outcome=finished
