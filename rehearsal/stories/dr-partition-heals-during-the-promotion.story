#: dr without-login
# The regions are cut off from each other for minutes, and reach each other again while the DR cluster is being promoted
advance 2m
part eu-central-1 eu-west-1
advance 150s
expect promotions=1 state-phase=promoting
join eu-central-1 eu-west-1
advance 15m
expect promotions=1 writer=dr traffic=dr state-phase=failed-over
