"""The partitions of the generation assets: one ICD-10-CM code each, registered by icd_prevalence."""

import dagster as dg

ICD_CODE = dg.DynamicPartitionsDefinition(name="icd_code")
RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
