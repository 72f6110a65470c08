"""What is held, and the only room that knows of SQL. Imports nothing of the project.

Read ``entry`` first, then ``category`` and ``source`` (values), ``tables`` (how a value lies in a row), ``entries``
(save, find, list, withdraw), ``database`` (opening and migrating).
"""
