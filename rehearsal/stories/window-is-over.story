# The migration window is over: nothing climbs further until a person gives it another one
invoke route53-updater {"action":"gradual_cutover","ladder":[20,50,80],"bake_minutes":10,"reason":"evening window"}
advance 5m
say Lag keeps the ladder where it is, for longer than the window of an hour.
lag 300s
advance 90m
expect reader=20 held-by=window
say Lag is low again, but the evening is over, and nobody may be there to watch.
lag 2s
advance 10m
expect reader=20 hold=alarm-active held-by=window
invoke route53-updater {"action":"resume","reason":"we stay another hour"}
expect outcome=done
advance 3m
expect reader=50 hold=none held-by=none
advance 12m
expect reader=80
