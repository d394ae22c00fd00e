#: dr
# The secondary is too far behind when the region dies: a person has to accept the loss
lag global 200s
advance 3m
dark eu-central-1
advance 6m
expect promotions=0 state-phase=suspected
say Without a word about the loss a failover by hand is refused, and says what is at stake.
invoke dr-failover {"action":"failover","reason":"the region is gone"}
expect outcome=refused blockers=data-loss-not-accepted promotions=0
invoke dr-failover {"action":"failover","accept_data_loss":true,"dry_run":true}
expect promotions=0
invoke dr-failover {"action":"failover","accept_data_loss":true,"reason":"the region is gone"}
expect outcome=in_progress promotions=1
say Whoever types it need not wait for the end of it.
advance 3m
expect writer=dr traffic=dr state-phase=failed-over
