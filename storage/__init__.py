"""What is held, and the only room that knows of SQL. Imports nothing of the project.

Read ``entry`` first, then ``copy``, ``category`` and ``source`` (values), ``tables`` and ``rows`` (how a value lies in
a row), ``entries`` (save, find, choose), ``listing`` (what a category shows), ``stories``, ``copies``, ``categories``,
``sources``, ``database`` (opening and migrating).
"""
