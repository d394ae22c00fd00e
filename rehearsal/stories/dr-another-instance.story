#: dr
# Another instance of the writer's own cluster takes over: the storage is shared, so nothing is lost and nothing is led elsewhere
advance 2m
invoke dr-failover {"action":"failover","target":"orders-primary-2","accept_data_loss":true,"reason":"the first instance is sick"}
advance 3m
expect writer=primary promotions=0 traffic=primary
