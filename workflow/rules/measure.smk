"""One rule for each measurement that an experiment declares, or for each batch of its items.

The tables of a batch are those of one job: if one of its items changes, all are measured again.
"""


def of_item(measurement, item):
    """What the settings and, where there are several, the item are for a measurement."""
    return (SETTINGS,) if measurement.items is None else (SETTINGS, item)


def measured_inputs(measurement, *items):
    """The input files of the items, each after the other."""
    found = [measurement.inputs(*of_item(measurement, item)) for item in items]
    return [
        file
        for files in found
        for listed in all_placed(files).values()
        for file in listed
    ]


def measured_outputs(place, measurement, *items):
    """The tables of the items, each after the other; an item may be a wildcard."""
    return list(map(placed, experiments.output_files(place, measurement, *items)))


def measuring_params(place, measurement, *items):
    """What the script needs besides files: the function, and of each item its arguments."""
    function = place.dotted(measurement.function)
    home, _, _ = function.partition(":")
    given = [of_item(measurement, item) for item in items]
    networks = dict.fromkeys(
        name for some in given for name in measurement.networks(*some)
    )
    return {
        "function": function,
        "made_from": {name: list(some) for name, some in measurement.made_from.items()},
        "tables": list(map(experiments.with_suffix, measurement.tables)),
        "items": [
            {
                "item": item,
                "arguments": dict(measurement.params(*some)),
                "inputs": {
                    name: len(files)
                    for name, files in measurement.inputs(*some).items()
                },
            }
            for item, some in zip(items, given, strict=True)
        ],
        "code": code_of("measure", home, networks=tuple(networks)),
    }


def batches_of(measurement):
    """The items of each job; (None,) for a measurement of one job."""
    if measurement.items is None:
        return [("",)]
    items = list(measurement.items(SETTINGS))
    if measurement.batches is None:
        return [(item,) for item in items]
    wanted = {*items}
    found = [
        [item for item in batch if item in wanted]
        for batch in measurement.batches(SETTINGS)
    ]
    return [batch for batch in found if batch]


def single_items(measurement):
    """The items that are measured by a job of their own."""
    return [batch[0] for batch in batches_of(measurement) if len(batch) == 1]


for place, measurement in experiments.measurements():
    for number, batch in enumerate(batches_of(measurement), start=1):
        if measurement.items is None or len(batch) > 1:
            stem = measurement.name
            if measurement.items is not None:
                stem += f"_{number}"

            rule:
                name:
                    stem
                input:
                    measured_inputs(measurement, *batch),
                output:
                    measured_outputs(place, measurement, *batch),
                log:
                    f"<logs>/{stem}.log",
                threads: measurement.threads
                resources:
                    mem_mb=grown(measurement.mem_mb),
                    runtime=grown(measurement.minutes),
                    gpu=GPU * measurement.gpu,
                params:
                    measure=measuring_params(place, measurement, *batch),
                script:
                    "../scripts/measure.py"

    if measurement.items is not None and single_items(measurement):

        rule:
            name:
                measurement.name
            input:
                lambda wildcards, measurement=measurement: measured_inputs(
                    measurement, wildcards.item
                ),
            output:
                measured_outputs(place, measurement, "{item}"),
            log:
                f"<logs>/{measurement.name}/{{item}}.log",
            wildcard_constraints:
                item=any_of(single_items(measurement)),
            threads: measurement.threads
            resources:
                mem_mb=grown(measurement.mem_mb),
                runtime=grown(measurement.minutes),
                gpu=GPU * measurement.gpu,
            params:
                measure=lambda wildcards, place=place, measurement=measurement: (
                    measuring_params(place, measurement, wildcards.item)
                ),
            script:
                "../scripts/measure.py"
