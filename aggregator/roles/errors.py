"""What is wrong with running a site as several processes."""


class RoleError(Exception):
    """What was asked for cannot be done with this configuration; the message is a sentence for people."""
