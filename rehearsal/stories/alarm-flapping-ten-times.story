#: alarms orders-latency=hold
# An alarm flaps ten times: the ladder holds and goes on with it, and people are not told twenty times
alarm orders-latency OK
invoke route53-updater {"action":"gradual_cutover","ladder":[20,50],"bake_minutes":25}
advance 3m
alarm orders-latency ALARM
advance 1m
alarm orders-latency OK
advance 1m
alarm orders-latency ALARM
advance 1m
alarm orders-latency OK
advance 1m
alarm orders-latency ALARM
advance 1m
alarm orders-latency OK
advance 1m
alarm orders-latency ALARM
advance 1m
alarm orders-latency OK
advance 1m
alarm orders-latency ALARM
advance 1m
alarm orders-latency OK
advance 1m
alarm orders-latency ALARM
advance 1m
alarm orders-latency OK
advance 1m
alarm orders-latency ALARM
advance 1m
alarm orders-latency OK
advance 1m
alarm orders-latency ALARM
advance 1m
alarm orders-latency OK
advance 1m
alarm orders-latency ALARM
advance 1m
alarm orders-latency OK
advance 1m
alarm orders-latency ALARM
advance 1m
alarm orders-latency OK
advance 1m
say Twenty changes of the alarm, each of them in the journal; the notices are a handful.
expect reader=20 hold=none notices=3
advance 10m
expect reader=50
