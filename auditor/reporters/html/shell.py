"""The frame of every page: one file with its style and script inside, which may load and send nothing.

The content security policy names the style and the script by their hashes. Whatever a name of a resource smuggled
into the text would therefore not run, even if the escaping of the templates failed.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from markupsafe import Markup

from auditor.reporters.counts import plural
from auditor.reporters.terminal_text import safe

if TYPE_CHECKING:
    from jinja2 import Environment

_STYLES = ("base.css", "summary.css", "matrix.css", "findings.css", "path.css", "chart.css", "print.css")
_FRAME_SCRIPTS = ("theme.js",)


def page(title: str, body: Markup, *, scripts: Sequence[str] = (), lead: str = "") -> str:
    """A whole document around `body`, which must be safe already; `title` and `lead` are any text.

    `scripts` names files of the assets folder that the body needs; what each page needs is always there.
    """
    style = "\n".join(_asset(name) for name in _STYLES)
    script = "\n".join(_asset(name) for name in (*_FRAME_SCRIPTS, *scripts))
    script = f'"use strict";\n{{\n{script}}}\n'  # one block: no name of ours becomes a global one
    text = (
        environment()
        .get_template("shell.html.j2")
        .render(
            title=safe(title),
            lead=safe(lead),
            body=body,
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            policy=_content_security_policy(style, script),
        )
    )
    return text.rstrip("\n") + "\n"


@cache
def environment() -> Environment:
    """The templates, which escape everything that is not marked as safe and refuse names that are not given."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - costs what other formats need not pay

    made = Environment(
        loader=PackageLoader("auditor.reporters.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    made.filters["plural"] = plural
    made.filters["safe_text"] = safe
    return made


def _asset(name: str) -> str:
    return (files("auditor.reporters.html") / "assets" / name).read_text("utf-8")


def _content_security_policy(style: str, script: str) -> str:
    """Nothing but this style and this script; and no text becomes markup or code by a script's mistake."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_hash(style)}'",
            f"script-src '{_hash(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode("utf-8")).digest()).decode("ascii")
