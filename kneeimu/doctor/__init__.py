"""What is wrong with this machine, and how to mend it: findings with a cure each."""
