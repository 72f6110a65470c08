"""What Feedmill's server is measured beside: nginx, and the smallest application that uvicorn can run."""
