"""More than one machine: configuration of a cluster, and one of processes on this machine to try it."""
