"""The partitions of the generation assets: one ICD-10-CM code each, registered by icd_prevalence."""

from collections.abc import Sequence
from itertools import groupby

import dagster as dg

ICD_CODE = dg.DynamicPartitionsDefinition(name="icd_code")
RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


def partition_ranges(order: Sequence[str], selected: set[str], stale: set[str], most: int) -> list[tuple[str, str]]:
    """Runs of selected partitions, contiguous in Dagster's order, that hold something stale; each at most `most` long."""
    found = []
    for is_selected, group in groupby(order, key=lambda code: code in selected):
        codes = list(group) if is_selected else []
        for start in range(0, len(codes), most):
            part = codes[start : start + most]
            hot = [n for n, code in enumerate(part) if code in stale]
            if hot:
                found.append((part[hot[0]], part[hot[-1]]))
    return found
