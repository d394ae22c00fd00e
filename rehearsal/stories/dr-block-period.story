#: dr
# After a promotion none follows by itself for an hour, and an acknowledgement ends that earlier
advance 2m
dark eu-central-1
advance 6m
expect promotions=1 writer=dr
light eu-central-1
advance 25m
invoke dr-failover {"action":"failback","reason":"too early, but so it was"}
expect outcome=in_progress writer=primary
advance 5m
say It dies again, within the hour.
dark eu-central-1
advance 3m
expect promotions=1 state-phase=suspected hold=block-period
say A person acknowledges: it may be promoted again.
invoke dr-failover {"action":"acknowledge","reason":"we know"}
expect outcome=done
advance 4m
expect promotions=2 writer=dr traffic=dr state-phase=failed-over
