"""The schema that editors read is the one that settings are checked against."""

from pathlib import Path

from spectral_bias.config.__main__ import schema_text

ROOT = Path(__file__).parents[3]


def test_schema_file_is_up_to_date():
    written = (ROOT / "workflow/schemas/config.schema.json").read_text()
    assert written == schema_text(), (
        "run: python -m spectral_bias.config > workflow/schemas/config.schema.json"
    )


def test_config_names_its_schema():
    first = (ROOT / "config.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=workflow/schemas/config.schema.json"
