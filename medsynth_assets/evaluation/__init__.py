"""How good the records are: what the quality report, the tasks and human reviewers say."""
