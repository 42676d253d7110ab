"""When a classifier has hardly learnt anything; light to import."""


def near_chance(accuracy: float, n_classes: int = 10) -> bool:
    """Whether a network classifies hardly more images correctly than guessing does.

    That is less than twice as many; with fewer than ten classes, where guessing is right too often
    for that, less than a ninth of what lies above chance.
    """
    chance = 1 / n_classes
    return bool(accuracy < chance + min(chance, (1 - chance) / 9))
