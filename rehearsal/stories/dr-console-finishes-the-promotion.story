#: dr DrMode=approve
# The mode is approve, and somebody promotes in the console instead of answering: what follows is done
advance 2m
dark eu-central-1
advance 4m
expect state-phase=suspected promotions=0
console failover
advance 6m
expect promotions=0 writer=dr traffic=dr application=dr state-phase=failed-over
