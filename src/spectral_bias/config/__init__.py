"""Settings: their schema (schema.py), how they are read (load.py), the runs they name (runs.py)."""
