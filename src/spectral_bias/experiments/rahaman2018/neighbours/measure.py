"""What Figure 22 of Rahaman et al. 2018 needs: K-nearest-neighbour classifiers beside networks.

Shape suffixes: R members (runs), N samples, G points along each axis of the box, B radii.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.neighbors import KNeighborsClassifier

from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.measurements.evaluation import outputs
from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.measurements.tidy import long_table
from spectral_bias.spectra.radial import decay_exponent, radial_spectrum

CHUNK_POINTS = 20_000
"""Of the grid at a time, so that the activations of a network take little memory."""


def measured(
    job: MeasuringJob,
    n_neighbours: Sequence[int],
    map_neighbours: Sequence[int],
    box: float,
    box_points: int,
    fit_bands: Sequence[Sequence[float]],
) -> dict[str, pd.DataFrame]:
    """The tables of Figure 22.

    Args:
        job: inputs cells, the run of Experiment 6, and networks, the run of one of its cells.
        n_neighbours: K whose training accuracy is measured in every cell.
        map_neighbours: K whose maps are measured beside those of networks.
        box: half the side of the maps.
        box_points: points of a map along each axis.
        fit_bands: cycles per unit length over which exponents are fitted, from and to.
    """
    job.limit_threads()
    cells, networks = job.ensemble("cells"), job.ensemble("networks")
    progress = job.progress(1 + len(map_neighbours), "kinds of maps")
    accuracy = accuracy_table(cells, n_neighbours)
    sizes = {"n_neighbours": map_neighbours, "box": box, "box_points": box_points}
    spectrum = spectrum_table(networks, **sizes, on_model=progress.update)
    exponents = exponent_table(networks, spectrum, fit_bands)
    progress.close()
    return {
        "neighbours_accuracy": accuracy,
        "neighbours_spectrum": spectrum,
        "neighbours_exponent": exponents,
    }


def classifier(k: int, inputs_ND: np.ndarray, labels_N: np.ndarray) -> KNeighborsClassifier:
    """scikit-learn's K-nearest-neighbour classifier: Euclidean distance, equal votes.

    A tied vote, possible for even K, goes to class 0. A sample that is asked for counts among its
    own neighbours.
    """
    return KNeighborsClassifier(n_neighbors=k).fit(inputs_ND, labels_N.astype(int))


def share_of_ones(model: KNeighborsClassifier, inputs_ND: np.ndarray) -> np.ndarray:
    """(N,): the probability of class 1, that is its fraction among the K neighbours."""
    shares = model.predict_proba(inputs_ND)
    columns = np.flatnonzero(model.classes_ == 1)
    return shares[:, columns[0]] if len(columns) else np.zeros(len(inputs_ND))


def member_samples(run: FinishedRun, row: int) -> tuple[np.ndarray, np.ndarray]:
    """(inputs (N, D), labels (N,)) that one member of a run was trained on."""
    inputs = run.problem.member_inputs(range(row, row + 1))
    return inputs.reshape(-1, run.problem.d_in), run.problem.targets[row]


def neighbour_accuracy(run: FinishedRun, row: int, k: int) -> float:
    """Training accuracy of a classifier on the samples of one member."""
    inputs_ND, labels_N = member_samples(run, row)
    return classifier(k, inputs_ND, labels_N).score(inputs_ND, labels_N.astype(int))


def accuracy_table(run: FinishedRun, n_neighbours: Sequence[int]) -> pd.DataFrame:
    """neighbours (K), member (number within a cell), frequency, lobes (L), accuracy.

    Training accuracy of classifiers on the samples and labels of each network of Experiment 6;
    twins, whose labels are those of another network, are left out.
    """
    facts = run.facts
    rows = [
        (k, *(facts[name][row] for name in ("number", "frequency", "lobes")),
         neighbour_accuracy(run, row, k))
        for row in np.flatnonzero(facts["number"] < run.record["settings"]["n_runs"])
        for k in n_neighbours
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["neighbours", "member", "frequency", "lobes", "accuracy"])


def box_grid(half_side: float, points: int) -> np.ndarray:
    """(G * G, 2): points x = -half_side + 2 half_side (i, j)/G of a square box, row by row."""
    axis = -half_side + 2 * half_side * np.arange(points) / points
    x2, x1 = np.meshgrid(axis, axis, indexing="ij")
    return np.stack([x1.ravel(), x2.ravel()], axis=1)


def network_probabilities(run: FinishedRun, grid: np.ndarray) -> np.ndarray:
    """(R, G * G): what each network says about class 1, the logistic function of its logit."""
    parts = [
        outputs(run.parameters, run.shape, grid[start : start + CHUNK_POINTS])
        for start in range(0, len(grid), CHUNK_POINTS)
    ]
    return expit(np.concatenate(parts, axis=1))


def neighbour_probabilities(run: FinishedRun, grid: np.ndarray, k: int) -> np.ndarray:
    """(R, G * G): `share_of_ones` of a classifier on the samples of each network."""
    members = (member_samples(run, row) for row in range(run.members))
    return np.stack([share_of_ones(classifier(k, *samples), grid) for samples in members])


def spectrum_table(
    run: FinishedRun,
    *,
    n_neighbours: Sequence[int],
    box: float,
    box_points: int,
    on_model: Callable[[int], None] = lambda done: None,
) -> pd.DataFrame:
    """model (network, neighbours), neighbours (K, or NaN), member, wavenumber, zeta.

    zeta is that of `radial_spectrum` (with its window) of the map of probabilities of class 1;
    wavenumber in cycles per unit length.

    Args:
        run: networks of one (k, L); classifiers are fitted to the samples and labels of each.
        n_neighbours: K of each kind of classifier.
        box: half the side of the box around 0 that is mapped.
        box_points: G.
        on_model: called with the number of kinds of models that are done.
    """
    grid = box_grid(box, box_points)
    kinds: list[int | None] = [None, *n_neighbours]
    parts = []
    for done, k in enumerate(kinds, 1):
        maps = network_probabilities(run, grid) if k is None else None
        maps = neighbour_probabilities(run, grid, k) if maps is None else maps
        shape = (run.members, box_points, box_points)
        wavenumber, zeta_RB = radial_spectrum(maps.reshape(shape), 2 * box)
        axes = {"member": range(run.members), "wavenumber": wavenumber}
        table = long_table("zeta", zeta_RB, axes)
        model = "network" if k is None else "neighbours"
        parts.append(table.assign(model=model, neighbours=np.nan if k is None else k))
        on_model(done)
    return pd.concat(parts, ignore_index=True)


def exponent_table(
    run: FinishedRun, spectrum: pd.DataFrame, fit_bands: Sequence[Sequence[float]]
) -> pd.DataFrame:
    """model, neighbours, member, exponent, accuracy, fit_from, fit_to (wavenumbers).

    Args:
        run: as in `spectrum_table`; accuracy is that on the samples that it was trained on.
        spectrum: made by `spectrum_table`.
        fit_bands: wavenumbers whose zeta a power law is fitted to, see `decay_exponent`; each band
            has rows of its own.
    """
    logits = outputs(run.parameters, run.shape, run.problem.inputs)
    right_R = ((logits > 0) == (run.problem.targets > 0.5)).mean(axis=1)
    rows = []
    one_map = ["model", "neighbours", "member"]
    for (model, k, member), part in spectrum.groupby(one_map, dropna=False):
        network = model == "network"
        accuracy = right_R[member] if network else neighbour_accuracy(run, member, int(k))
        for low, high in fit_bands:
            within = part[part["wavenumber"].between(low, high)]
            wavenumber, zeta = (within[name].to_numpy() for name in ("wavenumber", "zeta"))
            exponent = float(decay_exponent(wavenumber, zeta))
            rows.append((model, k, member, exponent, accuracy, low, high))
    return pd.DataFrame(rows, columns=[*one_map, "exponent", "accuracy", "fit_from", "fit_to"])
