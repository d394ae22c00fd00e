# The task fails recoverably twice, then for good: it is started again, then a person is needed
invoke route53-updater {"action":"gradual_cutover","ladder":[20,50],"bake_minutes":20,"reason":"evening"}
advance 3m
say An error that the task can go on after: it is resumed at once, where it stopped, and people know.
task failed RECOVERABLE_ERROR
advance 3m
expect restarts=1 hold=none
task stopped RECOVERABLE_ERROR
advance 3m
expect restarts=2 hold=none
say An error that it cannot go on after. Nobody starts it again but a person; the ladder stands still.
task failed FATAL_ERROR
expect hold=replication-not-running held-by=replication
advance 30m
expect reader=20 hold=replication-not-running restarts=2
say A person has repaired it. The hold ends by itself, and so does the waiting.
task running
lag 2s
advance 5m
expect reader=50 hold=none held-by=none
