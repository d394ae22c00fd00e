#: dr DrMode=approve
# The mode is approve: a person is asked, with the command to type
advance 2m
dark eu-central-1
advance 4m
expect state-phase=suspected promotions=0
invoke dr-failover {"action":"failover","accept_data_loss":true,"expected_generation":2,"reason":"asked and approved"}
expect outcome=in_progress
advance 3m
expect writer=dr traffic=dr promotions=1 state-phase=failed-over
