#: dr ClusterKeyArns=arn:aws:kms:eu-central-1:111122223333:key/orders-primary
# Writes that had not arrived are lost, and AWS keeps them in a snapshot that expires: it is copied, and people are told
lag global 5s
advance 3m
dark eu-central-1
advance 6m
expect writer=dr promotions=1
light eu-central-1
advance 1h
expect waiting-for-you=1
