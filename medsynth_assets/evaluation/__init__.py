"""How good the dataset is: figures of six dimensions, and the report that shows them. Knows neither Dagster nor the command line."""
