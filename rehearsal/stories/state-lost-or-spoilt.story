# The state parameter is lost, then spoilt
invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}
invoke route53-updater {"action":"gradual_cutover","aurora_weight":50,"reason":"second step"}
advance 3m
say Without the snapshot the journal alone must be enough.
lose state
invoke route53-updater {"action":"status"}
expect outcome=unchanged phase=shifting generation=2 reader=50
advance 5m
expect state-generation=2 state-phase=shifting settled=true
invoke route53-updater {"action":"gradual_cutover","aurora_weight":80}
expect outcome=done generation=3 reader=80
say A schema that is not known changes nothing, and is no error that somebody would retry.
spoil state
invoke route53-updater {"action":"gradual_cutover","aurora_weight":100}
expect error=Permanent reader=80
invoke route53-updater {"action":"rollback"}
expect error=Permanent reader=80
advance 2m
expect outcome=needs_human reader=80
lose state
advance 3m
expect state-generation=3 reader=80
