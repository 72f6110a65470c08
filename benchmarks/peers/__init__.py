"""What Feedmill's first build is measured beside: Hugo, Jekyll, and the plainest Python that makes the same feeds."""
