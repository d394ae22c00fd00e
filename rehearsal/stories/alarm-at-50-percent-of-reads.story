#: alarms orders-5xx=rollback,orders-latency=hold
# An alarm goes off at 50 % of reads: they are back on the source within seconds
alarm orders-5xx OK
alarm orders-latency OK
invoke route53-updater {"action":"gradual_cutover","ladder":[50,100],"bake_minutes":10}
expect outcome=done reader=50
advance 4m
say The application answers with errors. The alarm's own event starts it; nobody waits for the minute.
alarm orders-5xx ALARM
expect reader=0 state-phase=rolled-back viability=lossless
advance 20m
say The ladder went with it: nothing climbs again by itself, even when the alarm is over.
alarm orders-5xx OK
advance 20m
expect reader=0 state-phase=rolled-back
