"""A record's trace in the forms that others read: one module each, all pure functions of a Trace."""
