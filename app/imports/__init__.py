"""CSV files that the national system hands over: one file per object, over one reader and one set-based engine."""
