"""The graph under snapshot: a changed graph is a reviewed diff of graph.json.

Where the change is meant, write the snapshot anew and look at the diff: python -m tests.assets.test_graph
"""

import json
from pathlib import Path
from typing import Any

import dagster as dg

from medsynth_assets.definitions import build_defs

SNAPSHOT = Path(__file__).with_name("graph.json")


def graph() -> dict[str, Any]:
    """Every asset with what it depends on, its group, its partitions and the names of its checks."""
    assets = build_defs().resolve_asset_graph()
    return {
        key.to_user_string(): {
            "deps": sorted(parent.to_user_string() for parent in assets.get(key).parent_keys),
            "group": assets.get(key).group_name,
            "partitions": _partitions(assets.get(key).partitions_def),
            "checks": sorted(check.name for check in assets.get(key).check_keys),
        }
        for key in sorted(assets.get_all_asset_keys())
    }


def _partitions(definition: dg.PartitionsDefinition | None) -> str:
    return definition.name or "" if isinstance(definition, dg.DynamicPartitionsDefinition) else ""


def test_the_graph_is_the_committed_one() -> None:
    """Assets, dependencies, groups, partitions and checks are those of graph.json (see above for how to renew it)."""
    assert graph() == json.loads(SNAPSHOT.read_text("utf-8"))


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(graph(), indent=2) + "\n", "utf-8")
