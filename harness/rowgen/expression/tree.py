"""The nodes of an expression; each knows the SQL that it was read from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of an expression; ``sql`` stands by itself, without outer parentheses."""

    sql: str

    @property
    def parts(self) -> tuple[Node, ...]:
        """The nodes directly below."""
        return ()


@dataclass(frozen=True, slots=True)
class ColumnRef(Node):
    """A column, or ``VALUE`` in a domain's CHECK."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """A literal; ``text`` is None for NULL."""

    text: str | None


@dataclass(frozen=True, slots=True)
class Cast(Node):
    """``operand::type``."""

    operand: Node
    type: str

    @property
    def parts(self) -> tuple[Node, ...]:
        """What it is made of."""
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class Field(Node):
    """``(operand).name``, of a composite value."""

    operand: Node
    name: str

    @property
    def parts(self) -> tuple[Node, ...]:
        """What it is made of."""
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function; its name in lower case, without ``pg_catalog``."""

    name: str
    arguments: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        """What it is made of."""
        return self.arguments


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """An operator between two operands: comparing, matching, calculating."""

    operator: str
    left: Node
    right: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        """What it is made of."""
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class AnyOf(Node):
    """``left operator ANY (right)``, which IN becomes; ALL, which NOT IN becomes."""

    operator: str
    left: Node
    right: Node
    quantifier: Literal["any", "all"]

    @property
    def parts(self) -> tuple[Node, ...]:
        """What it is made of."""
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class Array(Node):
    """``ARRAY[...]``."""

    items: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        """What it is made of."""
        return self.items


@dataclass(frozen=True, slots=True)
class Both(Node):
    """AND or OR of two or more."""

    operator: Literal["and", "or"]
    operands: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        """What it is made of."""
        return self.operands


@dataclass(frozen=True, slots=True)
class Not(Node):
    """NOT, and IS FALSE and its kind, as what they are."""

    operand: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        """What it is made of."""
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class NullTest(Node):
    """IS NULL, or IS NOT NULL."""

    operand: Node
    negated: bool

    @property
    def parts(self) -> tuple[Node, ...]:
        """What it is made of."""
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class Opaque(Node):
    """SQL that was not understood, with what in it was."""

    inner: tuple[Node, ...] = ()

    @property
    def parts(self) -> tuple[Node, ...]:
        """What it is made of."""
        return self.inner


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, from the outside in."""
    yield node
    for part in node.parts:
        yield from walk(part)


def columns_of(node: Node) -> tuple[str, ...]:
    """The columns it reads, in order of first appearance."""
    found = (part.name for part in walk(node) if isinstance(part, ColumnRef))
    return tuple(dict.fromkeys(found))
