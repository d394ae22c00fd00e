#: untouched
#: alarms orders-5xx=rollback
# Every event is lost: the clock alone carries the migration, and says what it had to find out by itself
alarm orders-5xx OK
events lost
advance 2m
task running
full-load 30%
advance 3m
expect state-phase=full-load
full-load 100%
tables well
lag 2s
advance 6m
expect state-phase=ready
invoke route53-updater {"action":"gradual_cutover","ladder":[20,50],"bake_minutes":10}
advance 2m
say The task stops. No event tells of it; the clock sees it, says what was missed, and starts it again.
task failed RECOVERABLE_ERROR
advance 5m
expect restarts=1 hold=none
advance 10m
expect reader=50
say An alarm's event is lost too. The clock reads the alarm within the minute, and takes reads back.
alarm orders-5xx ALARM
advance 1m
expect reader=0 state-phase=rolled-back
