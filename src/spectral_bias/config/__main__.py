"""Writes the JSON schema of config.yaml, which editors use to complete and check keys.

python -m spectral_bias.config > workflow/schemas/config.schema.json
"""

import json
import sys

from spectral_bias.experiments.schema import Settings


def schema_text() -> str:
    """The schema of all settings, with a newline at the end."""
    return json.dumps(Settings.model_json_schema(), indent=1) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
