"""The benchmark of Masthead; `run` beside this folder starts it."""
