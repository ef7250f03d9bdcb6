"""The command line: a table of commands, each in a module of its own that is imported only when it is called."""

from __future__ import annotations

import errno
import importlib
import inspect
import io
import os
import sys

import click

from kneeimu.errors import KneeimuError
from kneeimu.words import _
from kneeimu.words.help import translate_command, translate_library

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("kneeimu.commands.demo", "Train on the simulated sensor; nothing to set up."),
    "live": ("kneeimu.commands.live", "Train with a sensor."),
    "replay": ("kneeimu.commands.replay", "Show a recorded session in the dashboard."),
    "analyze": ("kneeimu.commands.analyze", "Count and measure the reps of recordings."),
    "calibrate": ("kneeimu.commands.calibrate", "Align the sensor with the limb, or calibrate the sensor itself."),
    "scan": ("kneeimu.commands.scan", "List the sensors in reach."),
    "doctor": ("kneeimu.commands.doctor", "Find out what is wrong with this machine's Bluetooth, and how to mend it."),
    "report": ("kneeimu.commands.report", "Write a page for a physiotherapist."),
    "export": ("kneeimu.commands.export", "Convert sessions to the formats of other tools."),
    "import": ("kneeimu.commands.import_", "Bring in recordings of other tools."),
    "history": ("kneeimu.commands.history", "List, filter, show and delete sessions."),
    "rescore": ("kneeimu.commands.rescore", "Run today's engine over old sessions and show what would change."),
    "data": ("kneeimu.commands.data", "See where your data is, export all of it, erase all of it."),
    "programme": ("kneeimu.commands.programme", "List, check and edit training programmes."),
    "evaluate": ("kneeimu.commands.evaluate", "Measure the counter against labelled recordings or the simulator."),
    "publish": ("kneeimu.commands.publish", "Publish a session over MQTT."),
    "watch": ("kneeimu.commands.watch", "Watch sessions of others over MQTT."),
    "gateway": ("kneeimu.commands.gateway", "Send raw samples of many sensors to workers."),
    "worker": ("kneeimu.commands.worker", "Count the reps of sensors that gateways send."),
    "serve": ("kneeimu.commands.serve", "Show the app in a browser."),
}

OUTPUT_FAULTS = (errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EIO)


def list_in_full(command: click.Command) -> click.Command:
    """Let what is below a command be listed by its whole first paragraph: click cuts it off in mid-sentence."""
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        paragraph = inspect.cleandoc(below.help or "").partition("\n\n")[0]
        below.short_help = below.short_help or " ".join(paragraph.split())
        list_in_full(below)
    return command


class LazyCommands(click.Group):
    """Commands whose modules are imported when they are called, so that ``--help`` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *COMMANDS])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        command = importlib.import_module(COMMANDS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return translate_command(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:  # fmt: skip
        try:
            name, command, rest = super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            for near in get_close_matches(args[0], self.list_commands(ctx), 1):
                what = error.message + " " + _("Did you mean '{name}'?").format(name=near)
                raise click.UsageError(what, ctx) from None
            raise
        return name, command and list_in_full(command), rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(COMMANDS[name][1])) for name in self.list_commands(ctx)])


@click.group(cls=LazyCommands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kneeimu")
@click.pass_context
def kneeimu(ctx: click.Context) -> None:
    """Train your knee with a small motion sensor: reps, tempo, and how far the knee drifts inwards.

    Without a command the app opens on its home screen. A training aid, not a medical device.
    """
    if ctx.invoked_subcommand is None:
        from kneeimu.dashboard.app import run_home

        run_home()


def main() -> None:
    """Run the command line; errors a person can mend end in one line on stderr and exit status 1."""
    translate_library()
    translate_command(kneeimu)
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="replace")  # not every code page has a drawing's characters
    try:
        kneeimu.main(prog_name="kneeimu", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except KneeimuError as error:
        click.echo(f"kneeimu: {error}", err=True)
        sys.exit(1)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("kneeimu: " + _("stopped"), err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except OSError as error:
        if error.errno not in OUTPUT_FAULTS or error.filename is not None:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python would try once more when it ends
        click.echo("kneeimu: " + _("the output can't be written: {why}").format(why=error.strerror), err=True)
        sys.exit(1)
