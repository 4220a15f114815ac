"""What is changed: mutmut's changes, and those of ours that it lacks; on every line that says something.

mutmut's own walk leaves out tables, decorated functions and enum members, which hold a quarter of the law here, so
only its list of changes is used. Left out on purpose, because no behaviour hangs on them: annotations (but for a
model's constraints), imports, decorators, docstrings, and texts for people (anything in a ``raise``, any plain text
with a blank in it).
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import libcst as cst
import libcst.matchers as m
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider
from mutmut.mutation import mutators

_TWIN = {"min": "max", "max": "min", "any": "all", "all": "any"}
_LEFT_OUT = (cst.Import, cst.ImportFrom, cst.Decorator, cst.Raise)
_NO_TABLES = {"__slots__", "__all__"}
_ALIAS = re.compile(r"_?[A-Z][a-z]+([A-Z][a-z]*)*")
"""A name in capitals and small letters is a type's, here ``FactsBySubject = Mapping[...]``."""
_SHOWN = m.Arg(keyword=m.Name("repr") | m.Name("compare"))
"""How a dataclass is written down and compared: said once, and read by nobody but Python."""
_WITH_BLANK = m.FormattedStringText(value=m.MatchRegex(r"(?s).* .*"))
_SEPARATOR = re.compile(r"\|(?![^(\[]*[)\]])")
"""A bar outside of groups; good enough for the expressions here."""


class Mutant(NamedTuple):
    """One small fault. The key is the same as long as the line and its function are."""

    module: str
    function: str
    line: int
    before: str
    after: str
    number: int
    """Of several faults with the same text in one function, the n-th."""
    owner: str
    """The outermost function with its class, dotted; empty outside of functions."""
    source: str
    """The whole module, changed."""

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        return self.module, self.function, self.before, self.after, self.number

    @property
    def is_none(self) -> bool:
        """Whether a value became None: nearly always found at once."""
        return self.after.count("None") > self.before.count("None")


def mutants_of(module: str, source: str) -> list[Mutant]:
    """Every fault of a module that compiles to something else, in the order of the lines."""
    wrapper = MetadataWrapper(cst.parse_module(source), unsafe_skip_copy=True)
    places = wrapper.resolve(PositionProvider)
    walk = _Walk(wrapper.resolve(ParentNodeProvider))
    wrapper.module.visit(walk)
    right, seen = compile(source, module, "exec", dont_inherit=True), {source}
    found: list[Mutant] = []
    counts: dict[tuple[str, str, str], int] = {}
    for old, new in walk.changes:
        text = wrapper.module.deep_replace(old, new).code
        if text in seen or not _differs(right, text, module):
            continue
        seen.add(text)
        line, before, after = _changed(source, text)
        function, owner = _function(old, walk.parents)
        number = counts[function, before, after] = counts.get((function, before, after), 0) + 1
        found.append(Mutant(module, function, line or places[old].start.line, before, after, number, owner, text))
    return sorted(found, key=lambda mutant: mutant.line)


def _differs(right: object, text: str, module: str) -> bool:
    try:
        return compile(text, module, "exec", dont_inherit=True) != right
    except SyntaxError:
        return False


def _changed(source: str, text: str) -> tuple[int, str, str]:
    """The first line that differs, and the differing lines on both sides, without their indentation."""
    old, new = source.splitlines(), text.splitlines()
    start = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return start + 1, _joined(old[start : len(old) - end]), _joined(new[start : len(new) - end])


def _joined(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)


def _function(node: cst.CSTNode, parents: dict[cst.CSTNode, cst.CSTNode]) -> tuple[str, str]:
    """Classes and functions around a node, dotted; and the same down to the outermost function."""
    around: list[cst.FunctionDef | cst.ClassDef] = []
    while (parent := parents.get(node)) is not None:
        if isinstance(parent, cst.FunctionDef | cst.ClassDef):
            around.insert(0, parent)
        node = parent
    names = [each.name.value for each in around]
    depth = next((n for n, each in enumerate(around) if isinstance(each, cst.FunctionDef)), None)
    return ".".join(names), "" if depth is None else ".".join(names[: depth + 1])


class _Walk(cst.CSTVisitor):
    def __init__(self, parents: dict[cst.CSTNode, cst.CSTNode]) -> None:
        super().__init__()
        self.parents = parents
        self.changes: list[tuple[cst.CSTNode, cst.CSTNode]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, _LEFT_OUT) or _is_left_out(node) or m.matches(node, _SHOWN):
            return False
        self.changes += [(node, new) for new in (*_of_mutmut(node), *_ours(node, self.parents)) if new is not node]
        return True


def _is_left_out(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Assign | cst.AnnAssign):
        target = node.target if isinstance(node, cst.AnnAssign) else node.targets[0].target
        alias = isinstance(node, cst.AnnAssign) and m.matches(node.annotation.annotation, m.Name("TypeAlias"))
        typevar = m.matches(node, m.Assign(value=m.Call(func=m.Name("TypeVar"))))
        named = target.value if isinstance(target, cst.Name) else ""
        plain = _ALIAS.fullmatch(named) is not None and node.value is not None and not m.findall(node.value, m.Call())
        return alias or typevar or plain or named in _NO_TABLES
    if isinstance(node, cst.Annotation):
        return not m.findall(node, m.Call())  # A constraint of a model is law.
    return m.matches(node, m.Expr(value=m.SimpleString())) or _is_prose(node)


def _is_prose(node: cst.CSTNode) -> bool:
    """A text for people."""
    match node:
        case cst.SimpleString():
            return " " in node.value and "r" not in node.prefix and not node.value.startswith('"""')
        case cst.FormattedString():
            return "r" not in node.start and any(m.matches(part, _WITH_BLANK) for part in node.parts)
        case cst.ConcatenatedString():
            return _is_prose(node.left) or _is_prose(node.right)
    return False


def _of_mutmut(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for kind, operator in mutators.mutation_operators:
        if not isinstance(node, kind):
            continue
        if operator is mutators.operator_arg_removal:
            yield from _fewer_arguments(node)  # type: ignore[arg-type]
        elif operator is mutators.operator_string:
            yield from list(operator(node))[:1]  # Not its changes of case: expressions here ignore it.
        else:
            yield from operator(node)


def _fewer_arguments(call: cst.Call) -> Iterator[cst.Call]:
    """None for an argument, or a named one left out; leaving out others rarely runs at all."""
    for number, argument in enumerate(call.args):
        if argument.star or _is_prose(argument.value) or m.matches(argument, _SHOWN):
            continue
        before, after = call.args[:number], call.args[number + 1 :]
        if not m.matches(argument.value, m.Name("None")):
            yield call.with_changes(args=[*before, argument.with_changes(value=cst.Name("None")), *after])
        if argument.keyword is not None:
            yield call.with_changes(args=[*before, *after])


def _ours(node: cst.CSTNode, parents: dict[cst.CSTNode, cst.CSTNode]) -> Iterable[cst.CSTNode]:
    found: Iterable[cst.CSTNode] = ()
    match node:
        case cst.BooleanOperation():
            found = (node.left, node.right)
        case cst.If() | cst.CompIf() | cst.While():
            found = _forced(node)
        case cst.IfExp():
            found = (node.body, node.orelse)
        case cst.Name() if node.value in _TWIN and m.matches(parents[node], m.Call(func=m.Name(node.value))):
            found = (node.with_changes(value=_TWIN[node.value]),)
        case cst.Expr(value=cst.Call()):
            found = (cst.Pass(),)
        case cst.Tuple() | cst.List() | cst.Set() | cst.Dict() if _in_table(node, parents):
            found = _fewer_elements(node)
        case cst.SimpleString() if node.value.startswith('"""'):
            found = _fewer_words(node, parents)
        case cst.SimpleString() if "r" in node.prefix:
            found = _fewer_alternatives(node)
    return found


def _forced(node: cst.If | cst.CompIf | cst.While) -> Iterator[cst.CSTNode]:
    if not isinstance(node, cst.While):
        yield node.with_changes(test=cst.Name("True"))
    if not isinstance(node, cst.CompIf):
        yield node.with_changes(test=cst.Name("False"))


def _in_table(node: cst.CSTNode, parents: dict[cst.CSTNode, cst.CSTNode]) -> bool:
    """Whether a literal stands outside of every function: what it lists is law, not a value on its way."""
    while (parent := parents.get(node)) is not None:
        if isinstance(parent, cst.FunctionDef | cst.Lambda | cst.Subscript):
            return False
        node = parent
    return True


def _fewer_elements(node: cst.Tuple | cst.List | cst.Set | cst.Dict) -> Iterator[cst.CSTNode]:
    if len(node.elements) > 1:
        for number in range(len(node.elements)):
            yield node.with_changes(elements=[*node.elements[:number], *node.elements[number + 1 :]])


def _fewer_words(node: cst.SimpleString, parents: dict[cst.CSTNode, cst.CSTNode]) -> Iterator[cst.CSTNode]:
    if m.matches(parents[node], m.Attribute(attr=m.Name("split"))):
        for found in re.finditer(r"\w+", node.value):
            yield node.with_changes(value=node.value[: found.start()] + node.value[found.end() :])


def _fewer_alternatives(node: cst.SimpleString) -> Iterator[cst.CSTNode]:
    inside = node.value[len(node.prefix) + 1 : -1]
    parts = _SEPARATOR.split(inside)
    for number in range(len(parts) if len(parts) > 1 else 0):
        rest = "|".join([*parts[:number], *parts[number + 1 :]])
        yield node.with_changes(value=f"{node.prefix}{node.quote}{rest}{node.quote}")
