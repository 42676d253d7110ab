"""One rule for each measurement that an experiment declares."""


def item_inputs(measurement):
    """The inputs of a measurement of one item, as a function of the wildcards."""
    return lambda wildcards: all_placed(measurement.inputs(SETTINGS, wildcards.item))


def measured_tables(place, measurement):
    """The tables that a measurement makes, by name; with a wildcard where it has items."""
    inner = "tables" if measurement.items is None else measurement.folder
    folder = f"<results>/{place.paper}/{inner}"
    files = map(experiments.with_suffix, measurement.tables)
    return {Path(file).stem: f"{folder}/{file}" for file in files}


def measuring_params(place, measurement, settings, networks):
    """What the script needs besides files: the function and its arguments."""
    function = place.dotted(measurement.function)
    home, _, _ = function.partition(":")
    made_from = measurement.made_from.items()
    return {
        "function": function,
        "arguments": dict(settings),
        "made_from": {Path(name).stem: list(inputs) for name, inputs in made_from},
        "code": code_of("measure", home, networks=tuple(networks)),
    }


def single(place, measurement):
    """Parameters of a measurement that is one job."""
    arguments, networks = measurement.params(SETTINGS), measurement.networks(SETTINGS)
    return measuring_params(place, measurement, arguments, networks)


def for_item(place, measurement):
    """Parameters of a measurement of one item, as a function of the wildcards."""

    def params(wildcards):
        given = SETTINGS, wildcards.item
        networks = measurement.networks(*given)
        return measuring_params(
            place, measurement, measurement.params(*given), networks
        )

    return params


for place, measurement in experiments.measurements():
    if measurement.items is None:

        rule:
            name:
                measurement.name
            input:
                **all_placed(measurement.inputs(SETTINGS)),
            output:
                **measured_tables(place, measurement),
            log:
                f"<logs>/{measurement.name}.log",
            benchmark:
                f"<benchmarks>/{measurement.name}.tsv"
            threads: measurement.threads
            resources:
                mem_mb=measurement.mem_mb,
                runtime=measurement.minutes,
                gpu=int(measurement.gpu and SETTINGS.device == "cuda"),
            params:
                measure=single(place, measurement),
            script:
                "../scripts/measure.py"

    else:

        rule:
            name:
                measurement.name
            input:
                unpack(item_inputs(measurement)),
            output:
                **measured_tables(place, measurement),
            log:
                f"<logs>/{measurement.name}/{{item}}.log",
            benchmark:
                f"<benchmarks>/{measurement.name}/{{item}}.tsv"
            wildcard_constraints:
                item=any_of(measurement.items(SETTINGS)),
            threads: measurement.threads
            resources:
                mem_mb=measurement.mem_mb,
                runtime=measurement.minutes,
                gpu=int(measurement.gpu and SETTINGS.device == "cuda"),
            params:
                measure=for_item(place, measurement),
            script:
                "../scripts/measure.py"
