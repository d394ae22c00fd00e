#: dr primary=us-east-1
# The primary region is us-east-1, and with it goes the control plane of Route 53: traffic follows the data plane
advance 3m
dark us-east-1
advance 7m
expect writer=dr traffic=dr application=dr state-phase=failed-over promotions=1
say What needed the control plane is done once it is back.
light us-east-1
advance 10m
expect writer=dr traffic=dr waiting=none
