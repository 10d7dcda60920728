"""Slack: by a bot's token, which edits the incident's message and answers below it, or by an incoming webhook's URL.

Everything that may come from data is written into plain-text objects, with ``& < >`` escaped: it can mention nobody,
link nowhere and format nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from monitor.config.receiver import SlackReceiver
from monitor.notify.egress import Answer, Egress
from monitor.notify.message import Message
from monitor.notify.outcome import Failed, Outcome, Retry, Sent
from monitor.notify.reply import asked_wait, outcome_of
from monitor.notify.slack_blocks import blocks, escaped
from monitor.notify.wording import headline

RECEIVES = "slack"

_API = "https://slack.com/api/"
_MOST_READ = 65_536  # the answer holds the whole message again
_LATER = {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
_REVOKED = {"account_inactive", "token_revoked", "token_expired", "invalid_auth", "not_authed"}
_CANNOT_EDIT = {"message_not_found", "cant_update_message", "edit_window_closed"}
_SILENT = {"updated", "acknowledged"}  # the edited message says it; nobody needs to be called


def send(message: Message, receiver: SlackReceiver, egress: Egress) -> Outcome:
    """Post the incident's message, or edit it and answer below it."""
    if receiver.token is None:
        return _append(message, receiver, egress)
    channel, _, stamp = (message.handle or "").partition(":")
    if not stamp or message.kind == "digest":
        return _call(receiver, egress, "chat.postMessage", _post(message, receiver))
    edited = _call(receiver, egress, "chat.update", {"channel": channel, "ts": stamp, **_body(message)})
    if isinstance(edited, Failed) and edited.reason.removeprefix("slack: ") in _CANNOT_EDIT:
        return _call(receiver, egress, "chat.postMessage", _post(message, receiver))
    if message.kind in _SILENT or not isinstance(edited, Sent):
        return edited
    below = {"channel": channel, "thread_ts": stamp, "reply_broadcast": message.kind != "resolved"}
    told = _call(receiver, egress, "chat.postMessage", {**_post(message, receiver), **below})
    return edited if isinstance(told, Sent) else told


def _append(message: Message, receiver: SlackReceiver, egress: Egress) -> Outcome:
    url = receiver.url
    answer = _posted(receiver, egress, "" if url is None else url.get_secret_value(), _body(message), {})
    return outcome_of(answer, egress.now())


def _call(receiver: SlackReceiver, egress: Egress, method: str, body: Mapping[str, Any]) -> Outcome:
    token = receiver.token.get_secret_value() if receiver.token else ""
    answer = _posted(receiver, egress, _API + method, body, {"Authorization": f"Bearer {token}"})
    outcome = outcome_of(answer, egress.now())
    if not isinstance(outcome, Sent):
        return outcome
    try:
        said = json.loads(answer.body)
    except ValueError:
        return Retry("slack: no answer that can be read", status=answer.status)
    if isinstance(said, dict) and said.get("ok") is True:
        return Sent(handle=_handle(said))
    error = str(said.get("error")) if isinstance(said, dict) else ""
    return _wrong(error if error.isidentifier() and len(error) < 50 else "unknown error", answer, egress)


def _wrong(error: str, answer: Answer, egress: Egress) -> Outcome:
    if error in _LATER:
        after = asked_wait(answer.retry_after, egress.now()) or timedelta(seconds=5)
        return Retry(f"slack: {error}", after, answer.status)
    return Failed(f"slack: {error}", disable=error in _REVOKED, status=answer.status)


def _handle(said: Mapping[str, Any]) -> str | None:
    channel, stamp = said.get("channel"), said.get("ts")
    known = isinstance(channel, str) and isinstance(stamp, str) and len(channel) + len(stamp) < 100
    return f"{channel}:{stamp}" if known else None


def _post(message: Message, receiver: SlackReceiver) -> dict[str, Any]:
    """Name the channel, and the notice's id, so that a double can be told from a second notice."""
    known = {"event_type": "model_monitor_notice", "event_payload": {"id": message.id}}
    return {"channel": receiver.channel, "metadata": known, **_body(message)}


def _body(message: Message) -> dict[str, Any]:
    return {
        "text": escaped(headline(message), 500),
        "blocks": blocks(message),
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _posted(
    receiver: SlackReceiver, egress: Egress, url: str, body: Mapping[str, Any], headers: Mapping[str, str]
) -> Answer:
    return egress.post(
        url,
        json.dumps(body).encode(),
        {"Content-Type": "application/json; charset=utf-8", **headers},
        allow_private=receiver.allow_private,
        seconds=receiver.timeout.total_seconds(),
        most=_MOST_READ,
    )
