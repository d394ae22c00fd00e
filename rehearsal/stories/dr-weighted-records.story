#: dr weighted
# The records are somebody's own weighted pair: the function moves it itself, after the writer, and nothing waits for that
advance 3m
dark eu-central-1
advance 6m
expect writer=dr promotions=1 traffic=dr
