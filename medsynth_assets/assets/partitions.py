"""The partitions of the generation assets: one ICD-10-CM code each, registered by icd_prevalence."""

import dagster as dg

ICD_CODE = dg.DynamicPartitionsDefinition(name="icd_code")
