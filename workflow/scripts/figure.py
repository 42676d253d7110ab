"""Draws one figure.

Input: the measured tables that the figure needs, by name. Wildcards: paper, figure. Params: drawing
(the module that does it), context (scale, settings). Output: png, pdf, csv and json of one stem.
"""

import gc
from pathlib import Path

from spectral_bias.figures.build import FigureJob, build
from spectral_bias.runtime.job import job

gc.disable()  # looking for garbage takes time, and this process ends soon

with job(snakemake.log[0]):
    files = {
        name: [Path(file) for file in ([listed] if isinstance(listed, str) else listed)]
        for name, listed in snakemake.input.items()
    }
    is_array = {name: any(file.suffix == ".npz" for file in some) for name, some in files.items()}
    figure = FigureJob(
        paper=snakemake.wildcards.paper,
        figure=snakemake.wildcards.figure,
        module=snakemake.params.drawing,
        tables={name: some for name, some in files.items() if not is_array[name]},
        arrays={name: some[0] for name, some in files.items() if is_array[name]},
        context=snakemake.params.context,
        code_version=snakemake.params.code,
    )
    build(figure, Path(snakemake.output.png).with_suffix(""))
