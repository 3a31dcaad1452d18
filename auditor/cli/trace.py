"""`egress-audit trace`: single questions, answered with their path."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from auditor.cli.command import Command
from auditor.cli.exit_codes import ExitCode, trace_exit_code
from auditor.cli.output import check_targets, colored, deliver, output_options, width_for
from auditor.cli.progress import progress
from auditor.cli.reading_options import Reading, policy_option, reading_options
from auditor.cli.sources import Sources, forms, source_options
from auditor.errors import AuditorError, InputError

_EPILOG = """\b
An endpoint is HOST:PORT/PROTO. HOST is an address, a CIDR, an IPv6 address in brackets, a name or a
name pattern; PORT may be a range; PROTO is tcp, udp, icmp (without port), http, https or mssql.

\b
Examples:
  egress-audit trace --example broken --to mcr.microsoft.com:443/https
  egress-audit trace --subscription payments-prod --cluster aks-payments --to mcr.microsoft.com:443/https
  egress-audit trace --snapshot estate/ --cluster aks-payments --pool apps --to 8.8.8.8/icmp
  egress-audit trace --snapshot estate/ --to '*.blob.core.windows.net:443/https' --strict
  egress-audit trace --snapshot estate/ --to-file endpoints.txt --format json
"""


@click.command("trace", cls=Command, epilog=_EPILOG)
@source_options
@click.option("--cluster", metavar="NAME|ID", help="Ask from this cluster; needed when there are several.")
@click.option("--pool", metavar="NAME", help="Ask from this node pool only.")
@click.option("--to", "targets", metavar="HOST:PORT/PROTO", multiple=True, help="What to reach. Repeatable.")
@click.option(
    "--to-file", metavar="FILE|-", help="Read endpoints, one a line; # begins a comment, - is standard input."
)
@policy_option
@reading_options
@output_options
@click.option(
    "-v",
    "--verbose",
    is_flag=True,
    help="Add the path of every part, all commands that would confirm the answer, and what the assumptions mean.",
)
@click.option("--quiet", is_flag=True, help="No progress and no remarks on stderr.")
def trace(
    targets: tuple[str, ...],
    to_file: str | None,
    cluster: str | None,
    pool: str | None,
    **options: Any,
) -> int:
    """Answer whether a cluster's nodes and pods reach an endpoint, and show the path hop by hop.

    The answer lists every device that stops it, says what is missing where it is unknown, and how to confirm it.

    Exit code 0 when every question was answered, 3 when an answer is unknown.
    """
    printing = {
        name: options.pop(name) for name in ("format_", "output", "color", "width", "verbose", "quiet")
    }
    sources = Sources.take(options)
    if not sources.given:
        click.echo(forms("trace"), err=True)
        return ExitCode.USAGE
    if not targets and to_file is None:
        raise click.UsageError("nothing to trace; give --to HOST:PORT/PROTO or --to-file FILE")
    check_targets(printing["output"])
    questions = [*_checked((target, "--to") for target in targets), *(_from_file(to_file) if to_file else ())]
    return _run(sources, Reading(**options), questions, cluster, pool, printing)


def _run(
    sources: Sources,
    reading: Reading,
    questions: list[str],
    cluster: str | None,
    pool: str | None,
    printing: dict[str, Any],
) -> int:
    from auditor.audit import trace as answer
    from auditor.reporters.interface import Options
    from auditor.reporters.register import trace_reporter

    policy = reading.policy(quiet=printing["quiet"])
    quiet = printing["quiet"]
    with progress(quiet=quiet, verbose=printing["verbose"]) as show:
        snapshot = sources.load(show, clusters=(cluster,) if cluster else (), quiet=quiet)
        traces = answer(snapshot, policy, questions, cluster=cluster, pool=pool, progress=show)
    target = printing["output"]
    options = Options(
        width=width_for(printing["width"], target),
        color=colored(printing["color"], target),
        verbose=printing["verbose"],
    )
    deliver(trace_reporter(printing["format_"]).render(traces, options), target)
    return trace_exit_code(traces)


def _checked(asked: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The questions; InputError with the place of the first one that does not parse."""
    from auditor.model.question import parse_question

    for text, place in asked:
        try:
            parse_question(text)
        except (ValueError, AuditorError) as error:
            raise InputError(str(error), place=place) from error
        yield text


def _from_file(name: str) -> tuple[str, ...]:
    place = "stdin" if name == "-" else name
    lines = enumerate(_read(name, place).splitlines(), start=1)
    stripped = ((line.partition("#")[0].strip(), f"{place}:{number}") for number, line in lines)
    questions = tuple(_checked((text, where) for text, where in stripped if text))
    if not questions:
        raise InputError("holds no endpoint; expected one HOST:PORT/PROTO a line", place=place)
    return questions


def _read(name: str, place: str) -> str:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"is no UTF-8 text (byte {error.start})", place=place) from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", place=place) from error
