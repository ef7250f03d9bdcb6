"""The help of the command line in the person's language, and what the library of commands says by itself."""

from __future__ import annotations

import gettext
import os
from inspect import cleandoc
from typing import TYPE_CHECKING, Any

from kneeimu.words import DOMAIN, FOLDER, SOURCE_LANGUAGE, _, language, mark

if TYPE_CHECKING:
    import click

OF_CLICK = (
    mark("Usage:"),
    mark("Options"),
    mark("Commands"),
    mark("Show this message and exit."),
    mark("Show the version and exit."),
    mark("%(prog)s, version %(version)s"),
    mark("default: {default}"),
    mark("env var: {var}"),
    mark("required"),
    mark("Error: {message}"),
    mark("Try '{command} {option}' for help."),
    mark("Missing argument"),
    mark("Missing option"),
    mark("Missing parameter"),
    mark("Missing command."),
    mark("Invalid value: {message}"),
    mark("Invalid value for {param_hint}: {message}"),
    mark("Missing parameter: {param_name}"),
    mark("Missing {param_type}"),
    mark("Argument {name!r} takes {nargs} values."),
    mark("Option {name!r} does not take a value."),
    mark("Choose from:\n\t{choices}"),
    mark("No such command {name!r}."),
    mark("No such option {name!r}."),
    mark("{value!r} is not a valid {number_type}."),
    mark("{value} is not in the range {range}."),
    mark("{name} {filename!r} does not exist."),
    mark("{name} {filename!r} is a directory."),
    mark("{name} {filename!r} is a file."),
    mark("file"),
    mark("directory"),
    mark("path"),
    mark("Aborted!"),
)
"""Texts of click that are looked up in the domain of the process."""


def translate_library() -> None:
    """Let click take its own words from our catalogue."""
    if language() == SOURCE_LANGUAGE:
        return
    gettext.bindtextdomain(DOMAIN, FOLDER)
    gettext.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = language()  # gettext asks the environment, and the settings may say otherwise


def translate_command(command: click.Command) -> click.Command:
    """Put the help of a command, its options and what is below it into the person's language."""
    if language() == SOURCE_LANGUAGE:
        return command
    if command.help:
        command.help = _(cleandoc(command.help))
    if command.short_help:
        command.short_help = _(command.short_help)
    parameter: Any
    for parameter in command.params:
        text = getattr(parameter, "help", None)
        if text:
            parameter.help = _(text)
    for below in getattr(command, "commands", {}).values():
        translate_command(below)
    return command
