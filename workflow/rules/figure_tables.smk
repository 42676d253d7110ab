"""What each figure is drawn from; no rules."""

ADVERSARIAL = [
    "adversarial_classifier",
    "adversarial_attacks",
    "adversarial_paths",
    "adversarial_images",
    "adversarial_pixels.npz",
]
EXAMPLE = [
    "interpolation_example",
    "interpolation_example_spectrum",
    "interpolation_images.npz",
]
MODELS = ["interventions", "interpolation_summary"]
INTERVENTION = ["interventions", "noise_minima", "interpolation_summary"]
# The tables that each figure is drawn from, and the experiment whose settings its caption states.
# A name that ends in .npz is a file of arrays, such as images that the figure shows.
FIGURES = {
    "rahaman2018": {
        "fig01": ("sinusoids", ["sinusoids_spectrum", "sinusoids_norms"]),
        "fig02": ("sinusoids", ["sinusoids_function"]),
        "fig03": ("perturbation", ["perturbation"]),
        "fig04": ("label_noise", ["label_noise_loss"]),
        "fig05": ("kernel_spectra", ["kernel_spectra", "kernel_eigenvalues"]),
        "fig06": ("kernel_spectra", ["kernel_grid_spectra"]),
        "fig07": ("manifold_classification", ["manifold_decision", "manifold_samples"]),
        "fig08": ("manifold_regression", ["manifold_spectrum", "manifold_loss"]),
        "fig09": ("manifold_classification", ["manifold_accuracy"]),
        "fig10": ("sinusoids", ["sinusoids_loss"]),
        "fig11": ("label_noise", ["label_noise_loss"]),
        "fig12": ("kernel_spectra", ["kernel_grid_vectors"]),
        "fig13": ("kernel_spectra", ["kernel_loss", "kernel_shares"]),
        "fig14": ("delta", ["delta_target", "delta_target_spectrum"]),
        "fig15": ("delta", ["delta_depth_spectrum", "delta_depth_share"]),
        "fig16": ("delta", ["delta_width_spectrum", "delta_width_share"]),
        "fig17": ("delta", ["delta_clip_spectrum", "delta_clip_share"]),
        "fig18": ("delta", ["delta_clip_function"]),
        "fig19": ("random_labels", ["random_labels_loss", "random_labels_inputs"]),
        "fig20": ("adversarial", ADVERSARIAL),
        "fig21": ("adversarial", ADVERSARIAL),
        "fig22": (
            "neighbours",
            ["neighbours_accuracy", "neighbours_spectrum", "neighbours_exponent"],
        ),
        "fig23": ("theory", ["theory_networks", "theory_spectrum"]),
    },
    "fridovichkeil2021": {
        "fig01": ("cifar10", ["noise_fitting", "noise_minima"]),
        "fig02": ("cifar10", EXAMPLE),
        "fig03": ("cifar10", ["noise_fitting", "noise_minima"]),
        "fig04": (
            "cifar10",
            [
                "interpolation_spectra",
                "interpolation_fractions",
                "interpolation_summary",
            ],
        ),
        "fig05": ("cifar10", INTERVENTION),
        "fig06": ("cifar10", INTERVENTION),
        "fig07": ("cifar10", INTERVENTION),
        "fig08": ("cifar10", INTERVENTION),
        "fig09": ("cifar10", INTERVENTION),
        "fig10": ("cifar10", MODELS),
        "fig11": ("cifar10", ["noise_minima"]),
        "fig12": ("cifar10", ["noise_minima"]),
        "fig13": ("cifar10", MODELS),
        "fig14": ("imagenet", ["imagenet_models", "imagenet_spectra"]),
        "fig15": (
            "imagenet",
            ["imagenet_models", "imagenet_classes", "imagenet_samples.npz"],
        ),
        "fig16": ("cifar10", MODELS),
        "fig17": (
            "cifar10",
            ["noise_minima", "interpolation_fractions", "class_accuracy"],
        ),
    },
}
