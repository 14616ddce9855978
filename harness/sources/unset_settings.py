"""Values for settings that a project demands of its environment and that nothing in it gives.

It runs in a process of the project's own Python, which loads it by its path: it imports none of
ours. A project that is not set up here (no ``.env``, no example of one) refuses to load without a
``SECRET_KEY``, say, which no migration looks at. So what it misses is made up and it is tried
again; the run names these settings. What is set, whatever to, is never replaced.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any, TypeVar

_MOST = 80
"""Settings that are made up at most; each is one more try."""
_TEXT = "made-up-by-the-harness-0123456789-abcdefghij"
_HOST = "made-up.invalid"
"""No host is called so (RFC 6761): what is made up leads to no server, here or elsewhere."""
_KINDS = (
    (r".*(?:^|_)PORT", "1"),
    (r".*(?:^|_)HOST(?:NAME)?", _HOST),
    (r".*(?:REDIS|BROKER|CELERY|CACHE|RABBIT|AMQP)\w*_(?:URL|URI|DSN)", f"redis://{_HOST}:1/0"),
    (r".*(?:^|_)(?:URL|URI|ENDPOINT|ORIGIN|ISSUER|DOMAIN)", f"http://{_HOST}"),
    (r".*EMAIL\w*|.*_FROM", "someone@example.com"),
    (r".*(?:^|_)(?:LIMIT|SIZE|COUNT|TIMEOUT|TTL|MILLISECONDS|SECONDS|MINUTES|HOURS|DAYS)", "1"),
    (r".*(?:EXPIRE|EXPIRY|EXPIRATION)\w*|(?:MAX|MIN)_.*|.*_(?:MAX|MIN|INTERVAL|WORKERS)", "1"),
    (r".*(?:^|_)(?:DEBUG|ENABLED?|DISABLED?|VERBOSE|SSL|TLS)|(?:USE|IS|HAS|ENABLE)_.*", "false"),
)
"""What a name says of its value: a pattern of the whole name, in capitals."""
_ADDRESS = re.compile(r".*(?:DATABASE|DB|POSTGRES\w*|PG|SQL\w*)\w*_?(?:URL|URI|DSN)|DSN|DATABASE")
_SAYS = re.compile(r"(?i)environment|env\b|envvar|\bset\b|required|missing|not (?:found|defined)")
_NAME = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b|\b[A-Z]{5,}\b|(?<=['\"])[A-Z_]\w*(?=['\"])")
_NO_SETTING = (NameError, AttributeError, ImportError, SyntaxError)
"""Errors of a program that may well have such words."""
_TYPES = {
    "int": "1",
    "float": "1",
    "decimal": "1",
    "bool": "false",
    "url": f"http://{_HOST}",
    "list": "[]",
    "set": "[]",
    "tuple": "[]",
    "dict": "{}",
    "model": "{}",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "path": "/",
    "date": "2001-02-03",
    "timezone": "UTC",
}
"""How pydantic calls what a value is not -> a value that is."""
T = TypeVar("T")


def with_made_up(
    do: Callable[[], T],
    again: Callable[[], bool],
    environ: MutableMapping[str, str],
    url: str,
    made: dict[str, str],
) -> T:
    """Do it; while a setting is missing and it may be done ``again``, make one up before that.

    ``url`` is that of the database, for settings that want it; what is made up is added to
    ``made``. Raises what it raises.
    """
    while True:
        try:
            return do()
        except BaseException as error:  # SystemExit as well: settings may call sys.exit
            found = dict(_missing(error, made, url)) if len(made) < _MOST and again() else {}
            ours = {name: v for name, v in found.items() if name in made or name not in environ}
            new = {name: value for name, value in ours.items() if made.get(name) != value}
            if not new:
                raise
        made.update(new)
        environ.update(new)


def _missing(error: BaseException, made: dict[str, str], url: str) -> Iterator[tuple[str, str]]:
    """The settings that an error says are missing, or made up wrongly, and values for them."""
    if isinstance(error, KeyError) and _asked_of_environment(error):
        yield str(error.args[0]), _value(str(error.args[0]), url)
    elif callable(getattr(error, "errors", None)):
        yield from _of_pydantic(error, made, url)
    elif type(error).__name__ == "SettingsError":  # pydantic: a list or a dict is no JSON
        field = re.search(r'field "(\w+)"', str(error))
        for name in [n for n in made if field and n.lower().endswith(field[1].lower())]:
            yield name, "{}" if made[name] == "[]" else "[]"
    elif not isinstance(error, _NO_SETTING) and _SAYS.search(str(error)):
        for name in dict.fromkeys(_NAME.findall(str(error))):
            if name not in made:
                yield name, _value(name, url)


def _asked_of_environment(error: BaseException) -> bool:
    """Whether ``os.environ`` has raised it, and no other mapping."""
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1].filename if frames else ""
    return last == "<frozen os>" or last.replace("\\", "/").endswith("/os.py")


def _of_pydantic(error: Any, made: dict[str, str], url: str) -> Iterator[tuple[str, str]]:
    prefix, between = _naming(error)
    for one in error.errors():
        kind, path = str(one.get("type", "")), [str(part) for part in one.get("loc", ())]
        if not path:
            continue
        name = f"{prefix}{between.join(path)}"
        known = next((n for n in made if n.lower() == name.lower()), "")
        if kind in ("missing", "value_error.missing"):  # an alias has no prefix
            wanted = between.join(path) if known else name.upper()
            yield wanted, _value(wanted, url)
        elif known and (value := _of_kind(kind, one.get("ctx") or {}, url)):
            yield known, value


def _naming(error: BaseException) -> tuple[str, str]:
    """What stands before the names of the settings that are read, and between those of parts."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        for own in ("__pydantic_self__", "self"):
            config = getattr(type(frame.f_locals.get(own)), "model_config", None)
            if isinstance(config, dict) and "env_prefix" in config:
                return config["env_prefix"] or "", config.get("env_nested_delimiter") or "__"
    return "", "__"


def _of_kind(kind: str, context: dict[str, Any], url: str) -> str:
    """A value for what pydantic demands of it; empty where that is not known."""
    if wanted := re.search(r"'([^']*)'", context.get("expected", "")):  # 'a', 'b' or 'c'
        return wanted[1]
    if scheme := re.search(r"'([^']*)'", context.get("expected_schemes", "")):
        return url if scheme[1].startswith("postgres") else f"{scheme[1]}://{_HOST}"
    for limit, step in (("gt", 1), ("ge", 0), ("lt", -1), ("le", 0)):
        if limit in context:
            return str(int(context[limit]) + step)
    return _TYPES.get(kind.partition("_")[0], "")


def _value(name: str, url: str) -> str:
    """A value that fits what a setting is called."""
    upper = name.upper()
    if _ADDRESS.fullmatch(upper) and not re.match(r".*(?:REDIS|MONGO)", upper):
        return url
    return next((value for kind, value in _KINDS if re.fullmatch(kind, upper)), _TEXT)
