#: alarms orders-5xx=rollback,orders-queue=rollback,orders-latency=hold
# Three alarms at once: one way back, and no second one
alarm orders-5xx OK
alarm orders-queue OK
alarm orders-latency OK
invoke route53-updater {"action":"gradual_cutover","aurora_weight":80}
advance 3m
say All three go off in the same second; their events come one after the other.
events held
alarm orders-latency ALARM
alarm orders-5xx ALARM
alarm orders-queue ALARM
events released
advance 1m
expect reader=0 state-phase=rolled-back
advance 5m
expect reader=0 held-by=none
