"""How good it is: the quality report, the tasks that models are scored on, judge models, human reviews. Knows neither Dagster nor the command line."""
