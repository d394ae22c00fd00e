#: parameter DmsInstanceIdentifier=cutover-dev
# The template's own alarm on lag is evaluated on data: it holds on high lag, and on none
advance 2m
invoke route53-updater {"action":"gradual_cutover","ladder":[20,50,80],"bake_minutes":15}
expect outcome=done reader=20
say Lag over the alarm's 300 s for three minutes.
lag 400s
advance 6m
expect held-by=cutover-lag-dev reader=20
lag 2s
advance 4m
expect hold=none held-by=none
advance 10m
expect reader=50
say A task that reports nothing is no better: missing data goes off like bad data.
lag none
advance 10m
expect reader=50
lag 2s
advance 20m
expect reader=80 hold=none
