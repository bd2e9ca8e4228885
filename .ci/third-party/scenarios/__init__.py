"""One module a scenario, each with `TITLE` and `run(stage)`; `suite.py` names them and their order."""
