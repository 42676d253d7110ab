"""Names of the user that become paths: what they may hold, and which the workflow needs itself."""

import re
from pathlib import Path

import pytest

from spectral_bias.experiments import PAPERS, measurements
from spectral_bias.plain_names import TAKEN, require_plain

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["wrn_32", "a", "3", "x-1.b_2", "Mine", "a..b", "a" * 100])
def test_plain_names_are_taken_as_they_are(name):
    assert require_plain(name) == name


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".a", "-a", "_a", "a/b", "a b", "a\n", "a'b", 'a"b', "é", "a" * 101]
)
def test_names_that_break_paths_or_queries_are_refused(name):
    with pytest.raises(ValueError, match="cannot name files; write at most 100 letters"):
        require_plain(name)


@pytest.mark.parametrize("name", ["tables", "Tables", "published", "mlflow", "data", "figures"])
def test_names_of_other_results_are_refused(name):
    with pytest.raises(ValueError, match="is the name of other results; choose another"):
        require_plain(name)


def test_repeated_trainings_keep_their_names_to_themselves():
    with pytest.raises(ValueError, match="reads like a repetition with another seed"):
        require_plain("wrn_32.seed2")
    assert require_plain("seed2") == "seed2"


def test_every_folder_and_file_beside_those_of_runs_and_scales_is_taken():
    rules = "".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    places = re.findall(r"[\"']results/([\w.]+)", rules)  # beside the scales
    papers = "|".join((*PAPERS, "{paper}", "{wildcards.paper}"))
    places += re.findall(rf"<results>/(?:{papers})/([\w.]+)", rules)  # beside the runs
    places += [m.folder.split("/")[0] for _, m in measurements() if m.items is not None]
    found = {place.lower() for place in places if "{" not in place}
    assert {"data", "logs", "agreement.csv", "imagenet", "tables"} <= found
    assert found <= TAKEN
