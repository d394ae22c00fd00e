#: dr
# dr-failover deletes entries of its journal once they are a day old and far behind the head
clients away
ticks off
often 110 every 31m dr-failover {"action":"arm","mode":"observe"} | {"action":"arm","mode":"default"}
ticks on
advance 2m
expect journal-first=10
