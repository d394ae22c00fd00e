#: dr DrMode=observe
# A week in mode observe, with one true outage: it says what it would have done
advance 5m
clients away
advance 3d
say The primary region is gone for an hour.
dark eu-central-1
advance 1h
light eu-central-1
advance 3d
expect promotions=0 would=1 writer=primary state-phase=normal
invoke dr-failover {"action":"status"}
expect mode=observe
invoke dr-failover {"action":"arm","mode":"auto","reason":"a week without a false alarm"}
expect mode=auto
