"""The login pages: HTML without scripts, in light and dark, for phones and desks."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from html import escape

from starlette.responses import HTMLResponse

STYLE = """
:root{color-scheme:light dark;--ground:#f8f9fa;--surface:#fff;--line:#e4e7ec;--text:#171a21;--muted:#596274;
--edge:#868fa0;--accent:#4f46e5;--strong:#4338ca;--on:#fff;--bad:#c0281c;--wash:#fdf2f1}
@media (prefers-color-scheme:dark){:root{--ground:#0c0e12;--surface:#14171c;--line:#262b33;--text:#e7eaf0;
--muted:#9ba4b4;--edge:#6b7484;--accent:#8f93ff;--strong:#a9acff;--on:#0c0e12;--bad:#ff8078;--wash:#2a1716}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;min-height:100dvh;display:grid;place-items:center;padding:24px 16px;
background:var(--ground);color:var(--text);font:14px/1.5 Inter,system-ui,-apple-system,"Segoe UI",sans-serif}
main{width:100%;max-width:376px}
header{display:flex;align-items:center;gap:12px;margin:0 0 24px}
header svg{width:32px;height:32px;flex:none}
header span{font-size:16px;font-weight:600;letter-spacing:-.01em}
.card{background:var(--surface);border:1px solid var(--line);border-radius:8px;padding:32px 24px}
h1{font-size:20px;line-height:1.3;font-weight:600;letter-spacing:-.015em;margin:0 0 4px}
p{margin:0 0 24px;color:var(--muted)}
.card>p:last-child{margin:0}
label{display:block;font-weight:500;margin:0 0 16px}
input{display:block;width:100%;margin-top:6px;padding:10px 12px;min-height:44px;font:inherit;font-size:16px;
color:var(--text);background:var(--ground);border:1px solid var(--edge);border-radius:8px}
button,.button{display:block;width:100%;min-height:44px;padding:10px 16px;margin-top:8px;border-radius:8px;
border:1px solid transparent;background:var(--accent);color:var(--on);font:inherit;font-weight:600;text-align:center;
text-decoration:none;cursor:pointer}
button:hover,.button:hover{background:var(--strong)}
.quiet{background:transparent;border-color:var(--line);color:var(--text)}
.quiet:hover{background:var(--ground)}
input:focus-visible,button:focus-visible,a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
[role=alert]{margin:0 0 20px;padding:10px 12px;border-radius:8px;border:1px solid var(--bad);background:var(--wash);
color:var(--bad)}
.or{display:flex;align-items:center;gap:12px;margin:20px 0 12px;color:var(--muted);font-size:12px}
.or::before,.or::after{content:"";flex:1;height:1px;background:var(--line)}
footer{margin:16px 0 0;color:var(--muted);font-size:12px;text-align:center}
footer a{color:inherit;display:inline-block;padding:8px}
code{font:12px/1.5 "JetBrains Mono",ui-monospace,monospace;overflow-wrap:anywhere}
"""
ICON = (
    '<svg viewBox="0 0 20 20" aria-hidden="true"><rect width="20" height="20" rx="6" fill="#4f46e5"/>'
    '<path d="M4.5 12l3-3.4 2.6 2.2 4.9-4.9" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round"'
    ' stroke-linejoin="round"/></svg>'
)
POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def field(label: str, name: str, *, kind: str = "text", fill: str = "off", value: str = "", focus: bool = False) -> str:
    """Return an input with its label."""
    plain = "" if kind == "password" else ' autocapitalize="none" spellcheck="false"'
    first = " autofocus" if focus else ""
    return (
        f'<label>{escape(label)}<input name="{name}" type="{kind}" value="{escape(value)}" autocomplete="{fill}"'
        f"{plain}{first} required></label>"
    )


def form(action: str, fields: str, verb: str, *, kept: Mapping[str, str] | None = None, quiet: bool = False) -> str:
    """Return a form that posts its fields, and ``kept`` unseen, to a path of ours."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in (kept or {}).items()
    )
    look = ' class="quiet"' if quiet else ""
    return f'<form method="post" action="{escape(action)}">{hidden}{fields}<button{look}>{escape(verb)}</button></form>'


def page(title: str, lead: str, body: str, *, fault: str = "", below: str = "", status: int = 200) -> HTMLResponse:
    """Return a page: a title, a sentence, what to fill in, and what went wrong with it.

    ``title``, ``lead`` and ``fault`` are text; ``body`` and ``below`` are HTML made by this module.
    """
    alert = f'<div role="alert">{escape(fault)}</div>' if fault else ""
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Model monitor</title><style>{STYLE}</style></head><body><main>"
        f"<header>{ICON}<span>Model monitor</span></header>"
        f'<section class="card"><h1>{escape(title)}</h1><p>{escape(lead)}</p>{alert}{body}</section>'
        f"<footer>{below}</footer></main></body></html>"
    )
    headers = {"content-security-policy": POLICY, "cache-control": "no-store"}
    return HTMLResponse(html, status, headers)
