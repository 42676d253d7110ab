"""How fast a network varies along paths between images; several networks side by side."""
