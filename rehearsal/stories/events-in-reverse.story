#: alarms orders-5xx=hold
# Events arrive late and the last one first: what counts is what is read back from AWS
alarm orders-5xx OK
invoke route53-updater {"action":"gradual_cutover","aurora_weight":50}
advance 3m
say While events are held back the task fails, is repaired by hand, and an alarm comes and goes.
ticks off
events held
task failed FATAL_ERROR
alarm orders-5xx ALARM
advance 2m
task running
alarm orders-5xx OK
advance 2m
say They arrive in reverse: "failed" and "in ALARM" come last, and nothing of it is true any more.
events reversed
advance 1m
expect reader=50 hold=none held-by=none notices=1
ticks on
advance 3m
expect reader=50 hold=none
