#: dr migration
# The region dies in the middle of a migration's cutover: which side has the last writes is for a person to say
advance 3m
invoke route53-updater {"action":"gradual_cutover","aurora_weight":50,"reason":"readers first"}
advance 3m
lag 1s
advance 2m
invoke route53-updater {"action":"manual_cutover","writes_stopped":true}
expect phase=cutting-over
advance 1m
dark eu-central-1
advance 5m
expect promotions=0 state-phase=suspected
invoke dr-failover {"action":"failover","accept_data_loss":true,"reason":"the cluster of the global database is what counts"}
advance 3m
expect promotions=1 writer=dr traffic=dr
say The region comes back: the migration finds that its cutover has waited too long, and takes it back.
light eu-central-1
advance 20m
expect promotions=1 writer=dr
