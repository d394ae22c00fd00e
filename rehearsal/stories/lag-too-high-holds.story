# Replication lags: reads do not move, and the answer says by how much
lag 75s
advance 2m
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}
expect outcome=held blockers=lag-too-high reader=0 verdict=lagging
say A person who knows better says so by name, and the journal keeps it.
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20,"force":["lag-too-high"],"reason":"reporting reads only"}
expect outcome=done forced=lag-too-high reader=20
say Less on the target needs no gate: it is a step back to where the data has always been.
invoke route53-updater {"action":"gradual_cutover","aurora_weight":0}
expect outcome=done reader=0
