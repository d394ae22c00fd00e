#: alarms orders-5xx=rollback
# Every event arrives twice: what was decided once is not decided again
alarm orders-5xx OK
events doubled
invoke route53-updater {"action":"gradual_cutover","ladder":[20,50],"bake_minutes":10}
advance 3m
say The task stops. Its event comes twice; it is started again once.
task failed RECOVERABLE_ERROR
advance 5m
expect restarts=1
advance 8m
expect reader=50
say An alarm rings twice, and traffic goes back once.
alarm orders-5xx ALARM
advance 3m
expect reader=0 state-phase=rolled-back writer=0
