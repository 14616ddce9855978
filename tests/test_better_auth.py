"""The real Better Auth on our schema: what it writes is what ``users`` accepts, and it goes along.

Node 20 or newer and npm's registry are needed; where one is missing the tests skip and say so.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from harness.cli.serve import url
from harness.postgres.cluster import Cluster
from harness.postgres.database import Database, build_template
from harness.postgres.server.cache import Cache, key
from harness.postgres.snapshot import Catalog

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "backend" / "better-auth"
SCHEMA = [
    path.read_text("utf-8") for path in sorted((ROOT / "sql" / "migrations").glob("*.up.sql"))
]
BASE = "http://localhost:3000"
SECRET = "a-secret-for-tests-of-32-characters-or-more"
PASSWORD = "correct horse battery staple"
ADA = {"email": "Ada@Example.com", "password": PASSWORD, "name": "Ada"}
BOB = {"email": "bob@example.com", "password": PASSWORD, "name": "Bob"}


def node() -> str:
    """The program, where it is new enough."""
    program = shutil.which("node")
    if program is None or shutil.which("npm") is None:
        pytest.skip("Better Auth needs Node 20 or newer and npm, which are not installed")
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    if int(said.stdout.lstrip("v").split(".")[0]) < 20:
        pytest.skip(f"Better Auth needs Node 20 or newer, not {said.stdout.strip()}")
    return program


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources with their packages, outside the checkout.

    The versions are pinned, and the packages are kept in the harness' cache.
    """
    node()
    manifest = SOURCE / "package.json"
    folder = tmp_path_factory.mktemp("better-auth")
    for path in [*SOURCE.glob("*.js"), manifest]:
        shutil.copy(path, folder)
    packages = Cache().entry(f"better-auth-{key(manifest.read_text('utf-8'))}", npm_install)
    (folder / "node_modules").symlink_to(packages / "node_modules")
    return folder


def npm_install(target: Path) -> None:
    shutil.copy(SOURCE / "package.json", target)
    command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--silent"]
    done = subprocess.run(
        command, cwd=target, capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"npm cannot install better-auth here: {done.stderr.strip()[-300:]}")


def apply_schema(connection: psycopg.Connection[Any]) -> None:
    for script in SCHEMA:
        connection.execute(script.encode())


@pytest.fixture(scope="session")
def database(cluster: Cluster) -> Iterator[Database]:
    """A database with the todo schema, for all tests: accounts do not get in each other's way."""
    template = build_template(cluster, apply_schema)
    with template.cloned() as made:
        yield made
    template.close()
    template.drop()


class BetterAuth:
    """Better Auth as a child process, a request and a response a line."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self._folder = folder
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "BETTER_AUTH_URL": BASE}
        self._process = subprocess.Popen(
            [node(), "serve.js"],
            cwd=folder,
            env=environment | {"DATABASE_URL": database_url, "BETTER_AUTH_SECRET": SECRET},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.tables = self._answer()["tables"]

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "Better Auth ended"
        found: dict[str, Any] = json.loads(line)
        return found

    def request(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        message = {"method": method, "path": path, "headers": headers or {}}
        message |= {"body": body} if body is not None else {}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        assert self._process.wait(30) == 0
        self._process.stdout.close()

    def verified(self, token: str) -> dict[str, Any]:
        """The claims of a JWT, verified with jose against the JWKS."""
        jwks = self.request("GET", "/jwks")["body"]
        text = json.dumps({"token": token, "jwks": jwks, "issuer": BASE})
        done = subprocess.run(
            [node(), "verify.js"],
            cwd=self._folder,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        claims: dict[str, Any] = json.loads(done.stdout)
        return claims


@pytest.fixture(scope="session")
def auth(installed: Path, database: Database) -> Iterator[BetterAuth]:
    made = BetterAuth(installed, url(database))
    yield made
    made.close()


@pytest.fixture
def connection(database: Database) -> Iterator[psycopg.Connection[Any]]:
    with database.connect() as connection:
        yield connection
        connection.execute("TRUNCATE users CASCADE")
        connection.execute('TRUNCATE auth."user" CASCADE')


def sign_up(auth: BetterAuth, account: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The new user's id, and the headers of its session."""
    answer = auth.request("POST", "/sign-up/email", account)
    assert answer["status"] == 200, answer
    return answer["body"]["user"]["id"], {"cookie": "; ".join(answer["cookies"])}


def users(connection: psycopg.Connection[Any]) -> list[Any]:
    return connection.execute("SELECT id, email, name FROM users ORDER BY email").fetchall()


def test_its_own_tables_are_apart_and_ours_stay_as_they_are(
    auth: BetterAuth, connection: psycopg.Connection[Any], cluster: Cluster
):
    assert set(auth.tables) == {"user", "session", "account", "verification", "jwks"}
    ours = Catalog.of(connection, ignore=["auth"])
    template = build_template(cluster, apply_schema)
    with template.cloned() as fresh, fresh.connect() as other:
        changes = ours.difference(Catalog.of(other)).changes
    template.close()
    template.drop()
    assert [change for change in changes if change.kind != "schema"] == []


def test_what_it_writes_is_what_users_accepts(
    auth: BetterAuth, connection: psycopg.Connection[Any]
):
    ada, _ = sign_up(auth, ADA)
    assert users(connection) == [(ada, "ada@example.com", "Ada")], "e-mail in small letters"
    assert len(ada) == 32
    assert ada.isalnum()
    created = 'SELECT u.created_at = a."createdAt" FROM users AS u JOIN auth."user" AS a USING (id)'
    assert connection.execute(created).fetchall() == [(True,)]
    nameless, _ = sign_up(auth, BOB | {"name": ""})
    assert (nameless, "bob@example.com", None) in users(connection), "no name is NULL"


def test_the_sub_of_a_verified_jwt_owns_tasks(
    auth: BetterAuth, connection: psycopg.Connection[Any]
):
    subs = []
    for account in (ADA, BOB):
        sign_up(auth, account)
        answer = auth.request(
            "POST", "/sign-in/email", {"email": account["email"], "password": PASSWORD}
        )
        session = {"cookie": "; ".join(answer["cookies"])}
        token = auth.request("GET", "/token", headers=session)["body"]["token"]
        subs.append(auth.verified(token)["sub"])
    insert = "INSERT INTO tasks (user_id, title) VALUES (%s, 'Buy milk')"
    connection.execute(insert, [subs[0]])
    count = "SELECT count(*) FROM tasks WHERE user_id = %s"
    assert [connection.execute(count, [sub]).fetchone() for sub in subs] == [(1,), (0,)]
    act = "SELECT set_config('role', 'todo_app', true), set_config('app.user_id', %s, true)"
    for sub, seen in zip(subs, [1, 0], strict=True):
        with connection.transaction():
            connection.execute(act, [sub])
            assert connection.execute("SELECT count(*) FROM tasks").fetchone() == (seen,)


def test_a_jwt_that_was_changed_is_refused(auth: BetterAuth, connection: object):
    _, session = sign_up(auth, ADA)
    token = auth.request("GET", "/token", headers=session)["body"]["token"]
    head, body, signature = token.split(".")
    with pytest.raises(AssertionError, match="signature verification failed"):
        auth.verified(".".join([head, body, signature[::-1]]))


@pytest.mark.parametrize("email", ["ada@example.com", "ADA@EXAMPLE.COM"])
def test_a_duplicate_email_is_refused_and_leaves_nothing(
    auth: BetterAuth, connection: psycopg.Connection[Any], email: str
):
    ada, _ = sign_up(auth, ADA)
    answer = auth.request("POST", "/sign-up/email", ADA | {"email": email, "name": "Eve"})
    assert answer["status"] == 422
    assert users(connection) == [(ada, "ada@example.com", "Ada")]
    assert connection.execute('SELECT count(*) FROM auth."user"').fetchone() == (1,)


def test_a_wrong_password_opens_nothing(auth: BetterAuth, connection: object):
    sign_up(auth, ADA)
    answer = auth.request("POST", "/sign-in/email", {"email": ADA["email"], "password": "wrong"})
    assert answer["status"] == 401
    assert answer["cookies"] == []
    assert auth.request("GET", "/token")["status"] == 401


def test_an_update_is_mirrored(auth: BetterAuth, connection: psycopg.Connection[Any]):
    ada, session = sign_up(auth, ADA)
    answer = auth.request("POST", "/update-user", {"name": "Ada Lovelace"}, session)
    assert answer["status"] == 200
    assert users(connection) == [(ada, "ada@example.com", "Ada Lovelace")]


def test_after_a_deletion_no_row_of_the_user_is_left(
    auth: BetterAuth, connection: psycopg.Connection[Any]
):
    ada, session = sign_up(auth, ADA)
    bob, _ = sign_up(auth, BOB)
    for user in (ada, bob):
        connection.execute("INSERT INTO tasks (user_id, title) VALUES (%s, 't')", [user])
    answer = auth.request("POST", "/delete-user", {"password": PASSWORD}, session)
    assert answer["status"] == 200, answer
    assert users(connection) == [(bob, "bob@example.com", "Bob")]
    assert connection.execute("SELECT user_id FROM tasks").fetchall() == [(bob,)]
    for table, column in (("user", "id"), ("session", "userId"), ("account", "userId")):
        query = f'SELECT DISTINCT "{column}" FROM auth."{table}"'
        assert connection.execute(query.encode()).fetchall() == [(bob,)], table


def test_an_email_that_somebody_else_has_in_users_refuses_the_account(
    auth: BetterAuth, connection: psycopg.Connection[Any]
):
    """A row that Better Auth does not know of: the hook fails, and so does the request."""
    connection.execute("INSERT INTO users (id, email) VALUES ('other', 'ada@example.com')")
    assert auth.request("POST", "/sign-up/email", ADA)["status"] >= 400
    assert users(connection) == [("other", "ada@example.com", None)]
    left = connection.execute('SELECT count(*) FROM auth."user"').fetchone()
    assert left == (0,), "what Better Auth had inserted is rolled back"


def test_the_documents_statement_brings_the_two_together(
    auth: BetterAuth, connection: psycopg.Connection[Any]
):
    ada, _ = sign_up(auth, ADA)
    bob, _ = sign_up(auth, BOB | {"name": ""})
    connection.execute("DELETE FROM users WHERE id = %s", [bob])
    connection.execute("UPDATE users SET name = 'old'")
    page = (ROOT / "backend" / "docs" / "better-auth.md").read_text()
    (statement,) = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    for _ in range(2):
        connection.execute(statement)
        assert users(connection) == [
            (ada, "ada@example.com", "Ada"),
            (bob, "bob@example.com", None),
        ]


def test_a_setting_that_is_missing_is_named(installed: Path):
    done = subprocess.run(
        [node(), "migrate.js"],
        cwd=installed,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "not set: DATABASE_URL, BETTER_AUTH_SECRET" in done.stderr
