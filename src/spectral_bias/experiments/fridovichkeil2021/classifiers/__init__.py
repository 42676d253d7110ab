"""The classifiers of CIFAR-10 of Fridovich-Keil et al. 2021: settings and all training runs."""

from spectral_bias.experiments.experiment import Experiment

EXPERIMENT = Experiment(sections={"cifar10": "settings:Cifar10"})
