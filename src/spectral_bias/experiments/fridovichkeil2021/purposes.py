"""What classifiers of Fridovich-Keil et al. 2021 are trained for, as plan and tables call it."""

INTERVENTIONS = ("architecture", "train_size", "augmentation", "distillation", "weight_decay")
"""Those of Figures 5 to 9, whose variants are compared by accuracy and frequency."""
SWEEP, COMPARED = "sweep", "compared"
"""Trainings on radial waves: of the baseline, Figures 1 and 3, and of variants, Figures 5 to 9."""
FOURIER, NATURAL = "fourier", "natural"
"""Trainings on waves along directions of image space: Figures 11 and 12."""
SINGLE_CLASS = "single_class"
"""Trainings on a wave in the labels of one class: Figure 17."""
IMAGES = "image_frequency"
"""The intervention of Figure 13, images that are added to the training images."""
NONE, SMOOTHING = "none", "smoothing"
"""Its variants without images: with labels as they are, and smoothed as where images are added."""


def split_seed(run: str) -> tuple[str, int]:
    """A run's name without its seed, and the seed: ("wrn_32", 2) for wrn_32.seed2."""
    name, _, seed = run.rpartition(".seed")
    return (name, int(seed)) if name and seed.isdigit() else (run, 0)
