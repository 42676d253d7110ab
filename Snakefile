import shlex
import sys

from snakemake.utils import min_version

min_version("9.20")

from spectral_bias.config.load import load_settings
from spectral_bias.config.check import check_data_root, warnings
from spectral_bias.errors import UserError

# Snakemake calls scripts with this path unquoted, which fails in a folder whose name holds a space.
sys.executable = shlex.quote(sys.executable)

# The settings are read here and not through `configfile:`, so that `config` holds the command line
# alone, which must lie over the scale file, which lies over config.yaml.
try:
    SETTINGS = load_settings(config)
    check_data_root(SETTINGS)
    LINES = warnings(SETTINGS)
except UserError as error:
    sys.exit(f"error: {error}")
for line in LINES:
    print(f"warning: {line}", file=sys.stderr)


pathvars:
    results=f"results/{SETTINGS.scale}",
    logs=f"results/{SETTINGS.scale}/logs",


include: "workflow/rules/start.smk"
include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/imagenet.smk"
include: "workflow/rules/measure.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/plan.smk"
include: "workflow/rules/results.smk"
include: "workflow/rules/gaps.smk"


rule all:
    default_target: True
    input:
        trained(),
        measured(),
        drawn(),
        "<results>/claims.json",
        "<results>/checks.json",
        expand("<results>/{paper}/agreement.csv", paper=FIGURES),
        "<results>/report.html",
        "<results>/tracking.json",


rule rahaman2018:
    input:
        figures_of("rahaman2018"),
        "<results>/rahaman2018/agreement.csv",


rule fridovichkeil2021:
    input:
        figures_of("fridovichkeil2021"),
        "<results>/fridovichkeil2021/agreement.csv",
