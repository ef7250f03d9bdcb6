"""``kneeimu doctor``: what is wrong with this machine, and how to mend it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from kneeimu.words import _

if TYPE_CHECKING:
    from kneeimu.doctor.finding import Finding

MARKS = {"ok": "✓", "note": "!", "bad": "✗"}


@click.command("doctor", short_help="Find out what is wrong with this machine's Bluetooth, and how to mend it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--broker", metavar="HOST[:PORT]", envvar="KNEEIMU_BROKER", help="Also try this MQTT broker.")
def command(as_json: bool, broker: str | None) -> None:
    """Look at Bluetooth, Python, disk, clock and terminal; say what to do about what is wrong.

    Ends with 0 when a sensor can be used, with 1 when something has to be mended first.
    """
    from kneeimu.doctor.examine import examine

    findings = examine(sys.platform, broker)
    well = all(finding.level != "bad" for finding in findings)
    if as_json:
        click.echo(json.dumps({"ok": well, "findings": [finding.to_dict() for finding in findings]}))
    else:
        for finding in findings:
            click.echo(_words(finding))
        click.echo("\n" + (_("All is well.") if well else _("Without a sensor `kneeimu demo` works all the same.")))
    if not well:
        sys.exit(1)


def _words(finding: Finding) -> str:
    colour = {"ok": "green", "note": "yellow", "bad": "red"}[finding.level]
    line = f"{click.style(MARKS[finding.level], fg=colour)} {finding.what}"
    return f"{line}\n  → {finding.advice}" if finding.advice else line
