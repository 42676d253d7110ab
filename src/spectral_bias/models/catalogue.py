"""Short names of the project's networks. Imports nothing, so that settings can be checked fast."""

NETWORKS = {
    "resnet": "spectral_bias.models.resnet.classifier",
    "wide_resnet": "spectral_bias.models.wide_resnet.wide_resnet",
    "shake_shake": "spectral_bias.models.shake_shake.shake_shake",
    "pyramid_net": "spectral_bias.models.pyramid_net.pyramid_net",
}
"""The callable behind each short name; it takes `num_classes` and its arguments as keywords."""
