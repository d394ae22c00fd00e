# A ladder climbs by itself, a bake time on each rung
invoke route53-updater {"action":"gradual_cutover","ladder":[20,50,80,100],"bake_minutes":30,"reason":"night shift"}
expect outcome=done reader=20 generation=1
advance 30m
expect reader=20
say The rung bakes from the moment its weight has settled everywhere, not from the command.
advance 5m
expect reader=50
say Lag rises while 50 % bakes. The ladder holds, tells people once, and goes on by itself when it is over.
lag 75s
advance 40m
expect reader=50 hold=lag-too-high
lag 2s
advance 3m
expect reader=80 hold=none
say An operator need not wait for the bake time.
invoke route53-updater {"action":"gradual_cutover","aurora_weight":100,"reason":"going on by hand"}
expect outcome=done reader=100
advance 60m
expect reader=100 writer=0 state-phase=shifting
