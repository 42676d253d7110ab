"""The report: one page that opens alone."""
