"""The command line: a file a command; ``main`` puts them together and turns errors into sentences and exit codes."""
