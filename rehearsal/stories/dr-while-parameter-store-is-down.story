#: dr
#: dead-letters
# An alarm votes while Parameter Store throttles everything: its event is tried again, then kept, and the clock makes it good
advance 2m
fault ssm throttle
alarm orders-canary ALARM in eu-west-1
advance 6m
expect promotions=0
fault clear
alarm orders-canary OK in eu-west-1
advance 3m
expect writer=primary promotions=0
