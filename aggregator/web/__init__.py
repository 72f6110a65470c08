"""What the operator sees of a running Feedmill over HTTP."""
