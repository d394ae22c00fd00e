#: dr migration
#: parameter DrEventBusArn=arn:aws:events:eu-west-1:111122223333:event-bus/default
# What RDS tells in the primary region is forwarded to the DR region's bus, and dr-failover looks
advance 2m
invoke dr-failover {"action":"switchover","reason":"maintenance"}
expect outcome=in_progress writer=dr
advance 5m
expect writer=dr traffic=dr promotions=0
