"""Seeds belong to names."""

from spectral_bias.seeds import derived_generator, derived_seed


def test_seeds_differ_between_names_and_are_stable():
    names = [(0, "run", 1), (0, "run", 2), (1, "run", 1), (0, "other", 1)]
    seeds = [derived_seed(*name) for name in names]
    assert len(set(seeds)) == 4
    assert derived_seed(0, "run", 1) == seeds[0]
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_generators_of_one_name_agree():
    draws = [derived_generator(3, "phases").uniform(size=4) for _ in range(2)]
    assert (draws[0] == draws[1]).all()
