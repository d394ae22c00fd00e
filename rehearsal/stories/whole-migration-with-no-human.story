#: untouched
# A whole migration by itself: a person starts the task and gives a ladder, and every read ends on the target
say Nothing has begun. The clock looks, and says once what it found.
advance 3m
expect state-phase=preparing bus=1
say Somebody starts the task in the DMS console. Its event comes, and the first copy is followed.
task running
full-load 10%
advance 5m
expect state-phase=full-load
full-load 60%
advance 5m
expect state-phase=full-load reader=0
say The copy is complete; the changes made meanwhile have still to arrive.
full-load 100%
tables well
lag 400s
advance 5m
expect state-phase=catching-up
say Level for three readings in a row: people are told that reads may move, and by which command.
lag 3s
advance 6m
expect state-phase=ready ready=false reader=0
invoke route53-updater {"action":"gradual_cutover","ladder":[20,50,80,100],"bake_minutes":10,"reason":"the only command of this migration"}
expect outcome=done reader=20
advance 45m
expect reader=100 writer=0 state-phase=shifting hold=none missed=0
