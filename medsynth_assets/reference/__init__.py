"""Reference inputs: reading and checking releases of codes, prevalence and populations. No storage here."""
