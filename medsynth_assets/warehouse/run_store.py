"""Which run wrote what, with what code: generation.runs and generation.environments."""

import json

import duckdb

from medsynth_assets.records.environment import Environment


def record_run(con: duckdb.DuckDBPyConnection, run_id: str, environment: Environment) -> None:
    """Note the run and what it runs in, where that is news."""
    con.execute(
        "insert into generation.environments by name select $id as environment_id, $commit as git_commit,"
        " $modified as is_modified, $python as python_version, $packages::json as packages "
        "where not exists (from generation.environments where environment_id = $id)",
        {
            "id": environment.environment_id, "commit": environment.git_commit, "modified": environment.is_modified,
            "python": environment.python_version, "packages": json.dumps(environment.packages, sort_keys=True),
        },
    )  # fmt: skip
    con.execute(
        "insert into generation.runs by name select $run as run_id, $id as environment_id, now() as began_at "
        "where not exists (from generation.runs where run_id = $run)",
        {"run": run_id, "id": environment.environment_id},
    )
