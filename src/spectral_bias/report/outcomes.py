"""A claim's numbers as the published pages write them."""

from collections.abc import Mapping
from typing import Any

from spectral_bias.report.format import number


def outcome(claim: Mapping[str, Any]) -> str:
    """Value with its interval, if there is one, and the threshold."""
    values = [measured(claim)] if claim["value"] is not None else []
    return ", ".join([*values, f"threshold {threshold(claim)}"])


def threshold(claim: Mapping[str, Any]) -> str:
    """The threshold, with the margin around it where a claim states one."""
    margin = claim["margin"]
    return number(claim["threshold"]) + ("" if margin is None else f", margin ±{number(margin)}")


def measured(claim: Mapping[str, Any]) -> str:
    """Value and interval, after the name of the measure if it has one."""
    return ": ".join(filter(None, [claim["measure"], interval(claim)]))


def others(claim: Mapping[str, Any]) -> list[str]:
    """Value, interval and verdict of each other measure."""
    return [f"{measured(other)}, {other['verdict']}" for other in claim["others"]]


def interval(claim: Mapping[str, Any]) -> str:
    """Value and ends of the interval."""
    if claim["value"] is None:
        return "no value"
    value, low, high = (number(claim[key]) for key in ("value", "ci_low", "ci_high"))
    return f"{value} [{low}, {high}]"
