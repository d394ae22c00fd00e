# The lag metric is missing for an hour while a ladder climbs: it holds, and goes on by itself
invoke route53-updater {"action":"gradual_cutover","ladder":[20,50,80],"bake_minutes":10}
advance 5m
say The task runs on, but nobody can say how far it is behind.
lag none
advance 5m
expect reader=20
advance 55m
expect reader=20 ready=false held-by=replication state-generation=3
say The readings are back.
lag 2s
advance 5m
expect reader=50 held-by=none
advance 12m
expect reader=80 hold=none
