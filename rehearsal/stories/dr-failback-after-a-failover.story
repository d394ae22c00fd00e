#: dr
# After a real failover: back only when the old region is a level secondary again
advance 2m
dark eu-central-1
advance 7m
expect writer=dr traffic=dr
invoke dr-failover {"action":"failback"}
expect outcome=refused
light eu-central-1
advance 2m
invoke dr-failover {"action":"failback"}
expect outcome=refused
advance 40m
invoke dr-failover {"action":"failback","reason":"back to normal"}
expect outcome=in_progress writer=primary
advance 4m
expect traffic=primary application=primary state-phase=normal refreshes=2
