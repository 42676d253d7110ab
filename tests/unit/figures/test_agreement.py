from spectral_bias.figures.agreement import differences, not_comparable

THEIRS = {"network": {"depth": 6, "width": 256}, "frequencies": [5, 10], "learning_rate": 3e-4}


def test_equal_settings_do_not_differ_whatever_else_ours_hold():
    ours = {**THEIRS, "frequencies": (5, 10), "n_runs": 3}
    assert differences(ours, THEIRS) == []


def test_every_difference_is_named_with_both_values():
    ours = {"network": {"depth": 6, "width": 64}, "frequencies": [5, 10, 15]}
    assert differences(ours, THEIRS) == [
        "network.width 64 (authors 256)",
        "frequencies 5, 10, 15 (authors 5, 10)",
        "learning_rate none (authors 0.0003)",
    ]
    assert differences({}, {"network": {"depth": 6}}, whose="paper") == [
        "network.depth none (paper 6)"
    ]


def test_not_comparable_gives_the_reasons_instead_of_a_value():
    agreement = not_comparable("ratio", "", ["other width", "other k"])
    assert agreement.value is None
    assert agreement.meaning == "not comparable: other width; other k"
