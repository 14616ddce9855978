"""Instance: a cluster with the schema under test applied and the library installed.

Everything a run needs, put together from a Config once and shared by all of it. What only
some runs need, and what is needed once the template is there, is loaded late: a template
that was begun is built meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from harness.core.config import Config
from harness.core.errors import HarnessError, SchemaError, ServerError
from harness.core.files import is_big
from harness.pgtap.library import install_sql, preload
from harness.postgres import standins
from harness.postgres.cluster import Cluster, open_cluster
from harness.postgres.cluster.ownership import KEPT
from harness.postgres.database import (
    Baseline,
    Database,
    Template,
    base_template,
    build_template,
    comment,
    template_of,
)
from harness.postgres.database.shared import (
    Restored,
    SharedState,
    created_names,
    restore_server,
    touches_server,
)
from harness.postgres.server.cache import Cache
from harness.postgres.server.process import ServerProcess
from harness.postgres.standins import COMMENT

if TYPE_CHECKING:
    from harness.core.results import Group
    from harness.sources import SchemaSource
    from harness.sources.old_revisions import OldRevisions


@dataclass(frozen=True, slots=True)
class Shared:
    """What another process needs to take part in an instance; it may hold a password."""

    cluster: Cluster
    template: str
    settings: tuple[tuple[str, str, str], ...]
    baseline: Baseline
    server_state: SharedState
    setups: Mapping[Path, Group]


@dataclass
class Instance:
    """What open_instance gives; its parts are made when they are first asked for."""

    config: Config
    cluster: Cluster
    source: SchemaSource | None
    keeps_notes: bool = False
    """Whether the tables that the schema's tool keeps for itself are in the template."""
    alone: bool = False
    """Whether the cluster is nobody else's, so that its base may be our template."""
    setups: Mapping[Path, Group] = field(default_factory=dict)
    """What the files found that are in the template, too."""
    remarks: list[str] = field(default_factory=list)
    """What is said once of a run: on which build it ran in the end, and why."""
    stand_ins: tuple[str, ...] = ()
    """Extensions of the schema that a stand-in serves, once it has been applied."""
    _stack: ExitStack = field(default_factory=ExitStack)
    _begun: Future[Template] | None = None
    _made_roles: list[str] = field(default_factory=list)
    """Roles that were made for the run, since migrations name them."""
    _baseline: Baseline | None = None
    _server_state: SharedState | None = None

    @cached_property
    def template(self) -> Template:
        """The database with the schema applied. Raises MigrationError."""
        return self._begun.result() if self._begun else self._applied()

    def begin(self) -> None:
        """Start to apply the schema; what goes wrong comes out where the template is asked for."""
        pool = ThreadPoolExecutor(1, "harness-template")
        self._begun = pool.submit(self._applied)
        pool.shutdown(wait=False)

    def prepare(self) -> None:
        """Apply the schema, once, before several threads ask for the template."""
        _ = self.template

    def _applied(self) -> Template:
        if self.source is not None and not self.cluster.ephemeral:
            from harness.sources import texts

            before = [path.read_text("utf-8", "replace") for path in self.config.before]
            self._put_back_later(created_names([*before, *texts(self.source)]))
        as_it_is = self.alone and self.source is None and self.cluster.has_library
        make = base_template if as_it_is else build_template

        def attempt() -> Template:
            if (stored := self._stored) is not None:
                return stored.extended(self._finish)
            if (old := self._goes_on) is not None:
                return template_of(old.template.clone(), self._build)
            return make(self.cluster, self._build)

        if self.source is None:
            return self._searching(self._kept(attempt()))
        from harness.sources.before import with_roles

        def with_what_it_names() -> Template:
            if not self.config.create_roles:
                return attempt()
            mark = self.cluster.mark
            return with_roles(attempt, lambda: self.cluster.connect(), self._made_roles, mark)

        try:
            return self._searching(self._kept(with_what_it_names()))
        except SchemaError as error:
            if not self._moved_for(error):
                raise
            return self._searching(self._kept(with_what_it_names()))

    def _moved_for(self, error: SchemaError) -> bool:
        """Whether there is another build of this version that has what the schema misses.

        Then it is the cluster from now on, and a remark says so.
        """
        if not self.alone or self.config.server or self.config.bindir:
            return False
        from harness.sources.builds import better

        chosen = better(error, self.cluster, self.config)
        if chosen is None:
            return False
        config = replace(self.config, bindir=chosen.bindir)
        self.cluster = self._stack.enter_context(open_cluster(config, preload(config)))
        _call_superuser(self.cluster, self.source)
        self._made_roles.clear()
        self.remarks.append(chosen.remark)
        return True

    def extended(
        self,
        work: Callable[[Database], Mapping[Path, Group]],
        creates: Collection[tuple[str, str]],
    ) -> Instance:
        """The same instance with a template that has more in it: what ``work`` leaves in a clone.

        ``creates`` is what that creates on the server, see created_names.
        """
        self._put_back_later(creates)
        database = self.template.clone()
        setups = work(database)
        other = replace(self, setups=setups, _begun=None)
        template = template_of(database, other._look)
        # Its clones are clones of ours, too, by their names: what outlives one outlives both.
        other.template = self._kept(replace(template, kept=self.template.kept))
        return other

    def _put_back_later(self, named: Collection[tuple[str, str]]) -> None:
        """At the end, drop the roles that we create on a server that lives on."""
        if not self.cluster.ephemeral:
            with self.cluster.connect() as maintenance:
                self._stack.callback(self._put_back, SharedState.of(maintenance), named)

    def _put_back(self, before: SharedState, named: Collection[tuple[str, str]]) -> None:
        named = [*named, *(("role", name) for name in self._made_roles)]
        with self.cluster.connect() as maintenance:
            restore_server(before, maintenance, self.cluster.connect, owned=False, named=named)

    @property
    def baseline(self) -> Baseline:
        """The state that every clone of the template starts from."""
        _ = self.template
        assert self._baseline is not None
        return self._baseline

    @cached_property
    def role(self) -> str:
        """Who runs test files: the role of the schema's platform; empty: the server's superuser."""
        platform = self.source.platform if self.source is not None else None
        if platform is None:
            return ""
        from harness.sources.running import can_act_as

        with self.template.maintenance() as connection:
            if can_act_as(connection, platform.role):
                return platform.role
        self.remarks.append(
            f"tests run as a superuser: this server has no role {platform.role} as on the platform,"
            " so what the platform refuses is not refused here"
        )
        return ""

    @property
    def bookkeeping(self) -> frozenset[tuple[str, str]]:
        """Schema and name of tables that the schema's tool keeps for itself."""
        return self.source.bookkeeping if self.source is not None else frozenset()

    @cached_property
    def empty(self) -> Template:
        """The database without the schema."""
        if self.source is not None and self.alone and "template" not in vars(self):
            from harness.sources import texts
            from harness.sources.builds import may_move

            # Roles that the schema makes itself would be in the way of who applies it again.
            moves = may_move(self.cluster, self.config) and not touches_server(texts(self.source))
            if self.config.create_roles or moves:
                with suppress(HarnessError):  # which is said where the schema is asked for
                    self.prepare()  # roles are made for the run, or another build is chosen
        return self._searching(self._kept(build_template(self.cluster, self._prepare)))

    @property
    def shared(self) -> Shared:
        """What ``joined`` takes in another process."""
        return Shared(
            replace(self.cluster, server=None),  # whose process is a child of this one
            self.template.name,
            self.template.settings,
            self.baseline,
            self.server_state,
            self.setups,
        )

    @property
    def server_state(self) -> SharedState:
        """The state of what all databases share, with the schema applied."""
        _ = self.template
        assert self._server_state is not None
        return self._server_state

    def restore_server(self, named: Collection[tuple[str, str]] = ()) -> Restored:
        """Bring back what all databases share; ``named`` as SharedState.restore takes it."""
        with self.template.maintenance() as connection:
            return restore_server(
                self.server_state,
                connection,
                self.cluster.connect,
                owned=self.cluster.ephemeral,
                named=named,
            )

    def keep(self, file: Path, database: Database) -> str:
        """Have a database outlive the run; its DSN, without a password."""
        from harness.postgres.cluster.kept import Kept, dsn_text, keep

        self.template.kept.add(database.name)
        if not self.cluster.ephemeral:
            with self.cluster.connect() as maintenance:
                maintenance.execute(comment(database.name, KEPT))
        root = self.config.root
        name = str(file.relative_to(root)) if file.is_relative_to(root) else str(file)
        one = Kept.of(self.cluster, database.name, name, root)
        keep(Cache(self.config.cache_dir), self.cluster, [one])
        return dsn_text(one)

    def close(self) -> None:
        """Drop the templates and close what is open; open_instance stops the cluster."""
        if self._begun and not self.cluster.ephemeral:
            wait([self._begun])  # it may be about to leave a template on a server that lives on
        self._stack.close()

    def _kept(self, template: Template) -> Template:
        """Take a template over: it is dropped at the end where its cluster lives on."""
        if not self.cluster.ephemeral:
            self._stack.callback(template.drop)
        self._stack.callback(template.close)
        return template

    @property
    def _stored(self) -> Template | None:
        """The template that the server has from its start, where it is that of the source."""
        if not self.cluster.stored:
            return None
        from harness.sources.stored_schema import found_on

        return found_on(self.cluster, self.config, self.source)

    @property
    def _goes_on(self) -> OldRevisions | None:
        """The old revisions, where the template can be made from what they left."""
        from harness.sources.ordered import Ordered

        plain = getattr(type(self.source), "apply", None) is Ordered.apply
        return self.old if self.cluster.stored and plain else None

    @cached_property
    def old(self) -> OldRevisions | None:
        """What the server has of old revisions from its start; None where it has nothing."""
        if not self.cluster.stored:
            return None
        from harness.sources.old_revisions import OldRevisions

        found = OldRevisions.on(self.cluster, self.config, self.source)
        if found is not None:
            self._stack.callback(found.template.close)
        return found

    def _apply(self, connection: psycopg.Connection[Any]) -> None:
        if self.source is not None:
            from harness.sources.running import limited

            with limited(self.config.timeout):
                self.source.apply(connection)

    def _apply_new(self, old: OldRevisions, connection: psycopg.Connection[Any]) -> None:
        from harness.sources.running import afresh, limited

        assert self.source is not None
        old.resume(connection)
        with limited(self.config.timeout):
            for one in self.source.migrations[len(old.names) :]:
                self.source.upgrade(connection, one)
        afresh(connection)

    def _build(self, connection: psycopg.Connection[Any]) -> None:
        if (old := self._goes_on) is not None:
            self._apply_new(old, connection)
        else:
            self._prepare(connection)
            self._apply(connection)
        self._finish(connection)

    def _finish(self, connection: psycopg.Connection[Any]) -> None:
        """Take away what is the tool's own, and look at what is there."""
        self.stand_ins = standins.used(connection)
        if not self.keeps_notes:
            for table in self.bookkeeping:
                name = sql.Identifier(*table)
                # One that a view of the project's reads stays; it is left out by its name.
                with suppress(psycopg.errors.DependentObjectsStillExist):
                    connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(name))
                self._drop_own_schema(connection, table[0])
        self._look(connection)

    def _drop_own_schema(self, connection: psycopg.Connection[Any], name: str) -> None:
        """Drop the schema of a tool's table, where it was made for that and is empty."""
        from harness.sources.ordered import TOOL_SCHEMAS

        if name in TOOL_SCHEMAS:
            errors = psycopg.errors
            with suppress(errors.DependentObjectsStillExist, errors.InvalidSchemaName):
                connection.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(name)))

    def _look(self, connection: psycopg.Connection[Any]) -> None:
        self._baseline, self._server_state = Baseline.of(connection), SharedState.of(connection)

    def _prepare(self, connection: psycopg.Connection[Any]) -> None:
        """Have what is there before the first migration."""
        self._install(connection)
        if self.source is None:
            return
        if self.config.before:
            from harness.sources import before

            before.run(connection, self.config.before)
        self.source.prepare(connection)

    def _install(self, connection: psycopg.Connection[Any]) -> None:
        if self.config.pgtap == "extension":
            _create_extension(connection, self.config.pgtap_schema)
        elif not self.cluster.has_library:
            connection.execute(install_sql(self.config.pgtap_schema).encode())

    def _searching(self, template: Template) -> Template:
        """The template, with the library on the search path of its clones."""
        library = sql.Identifier(self.config.pgtap_schema).as_string()
        found = [s for s in template.settings if s[:2] == ("", "search_path")]
        path = found[0][2] if found else '"$user", public'
        others = tuple(s for s in template.settings if s not in found)
        return replace(template, settings=(*others, ("", "search_path", f"{path}, {library}")))


@contextmanager
def open_instance(
    config: Config,
    launched: ServerProcess | None = None,
    source: SchemaSource | None = None,
) -> Iterator[Instance]:
    """The instance a configuration asks for; nothing of it is left afterwards.

    ``launched`` is a server for it that is starting already, ``source`` the configured one where it
    has been opened. Raises ConfigError, ServerError.
    """
    source = source or _source(config)
    start = _with_stored(config, source) if launched is None else None
    with open_cluster(config, preload(config), launched, start) as cluster:
        _call_superuser(cluster, source)
        instance = Instance(config, cluster, source, alone=True)
        if not cluster.ephemeral:
            instance.remarks += _leftovers(cluster)
        try:
            yield instance
        finally:
            instance.close()


@contextmanager
def joined(config: Config, shared: Shared) -> Iterator[Instance]:
    """The instance of another process, which outlives this one's part in it."""
    instance = Instance(config, shared.cluster, _source(config), setups=shared.setups)
    instance._baseline, instance._server_state = shared.baseline, shared.server_state
    instance.template = Template(shared.cluster, shared.template, shared.settings)
    try:
        yield instance
    finally:
        instance.template.close()
        instance.close()


def _with_stored(config: Config, source: SchemaSource | None) -> Callable[[], Cluster] | None:
    """What starts a server that has the old revisions of a project, or all of a big schema."""
    given = preload(config)
    if source is None or not given.key:
        return None
    if config.baseline or config.since_refs:
        from harness.sources.old_revisions import to_store

        stored = to_store(config, source)
    elif is_big(config.schema):
        from harness.sources import stored_schema

        stored = stored_schema.to_store(config, source)
    else:
        return None
    if stored is None:
        return None
    from harness.postgres.cluster.stored import with_stored

    return partial(with_stored, config, given, stored)


def _call_superuser(cluster: Cluster, source: SchemaSource | None) -> None:
    """What the platform of a schema calls it, before anybody connects by the other name."""
    if source is not None and source.platform is not None:
        from harness.postgres.cluster.superuser import call_superuser

        call_superuser(cluster, source.platform.superuser)


def _leftovers(cluster: Cluster) -> list[str]:
    """Remove what killed runs have left on a named server; what there is to say of it."""
    from harness.postgres.database.leftovers import remove

    removed, complaints = remove(cluster)
    said = [f"a killed run has left {one}" for one in complaints]
    if removed:
        said.append(f"removed from the server what a killed run had left: {', '.join(removed)}")
    return said


def _source(config: Config) -> SchemaSource | None:
    if config.schemaless:
        return None
    from harness.sources import open_source

    return open_source(config)


def _create_extension(connection: psycopg.Connection[Any], schema: str) -> None:
    name = sql.Identifier(schema)
    try:
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(name))
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO PUBLIC").format(name))
        note = sql.SQL("COMMENT ON SCHEMA {} IS {}").format(name, sql.Literal(COMMENT))
        connection.execute(note)
        connection.execute(sql.SQL("CREATE EXTENSION pgtap SCHEMA {}").format(name))
    except psycopg.Error as error:
        raise ServerError(
            f"--pgtap extension: the server has no pgTAP to use ({error.diag.message_primary});"
            " install it there, or use --pgtap builtin"
        ) from None
