"""A trace in the terminal: a tree with one line a node."""

from rich.console import Console
from rich.panel import Panel
from rich.syntax import Syntax
from rich.text import Text
from rich.tree import Tree

from medsynth_assets.lineage.summary import Told, checks_of, stage_nodes
from medsynth_assets.lineage.texts import difference, text_of
from medsynth_assets.lineage.trace import Node, NodeKind, Relation, Standing, Trace
from medsynth_assets.records.artifact import Stage


def print_tree(console: Console, trace: Trace, *, verbose: bool) -> None:
    tree = Tree(Text(trace.record_id, "bold"))
    drawn = tree.add("drawn from")
    for row, release in (
        (NodeKind.PREVALENCE_ROW, NodeKind.PREVALENCE_RELEASE),
        (NodeKind.ICD10CM_ROW, NodeKind.ICD10CM_RELEASE),
    ):
        for node in trace.of_kind(row):
            drawn.add(_line(node)).add(_line(*trace.of_kind(release)[-1:]))
    for stage in Stage:
        told = stage_nodes(trace, stage)
        branch = tree.add(stage.value) if told else tree
        for one in told:
            _add(branch, trace, one, verbose=verbose)
    for title, kind in (
        ("quarantine", NodeKind.QUARANTINE),
        ("released", NodeKind.RELEASE),
        ("withdrawn", NodeKind.WITHDRAWAL),
        ("runs", NodeKind.RUN),
    ):
        nodes = trace.of_kind(kind)
        branch = tree.add(title) if nodes else tree
        for node in nodes:
            branch.add(Text(f"{_moment(node)}{node.label}{_environment(node)}", no_wrap=True, overflow="ellipsis"))
    console.print(tree)


def _add(branch: Tree, trace: Trace, told: Told, *, verbose: bool) -> None:
    node, said = told
    faded = node.detail["standing"] != Standing.CURRENT
    line = Text(
        f"{'● ' if node.detail.get('is_head') else ''}{' · '.join([node.label, *said])}", "dim" if faded else ""
    )
    line.no_wrap, line.overflow = True, "ellipsis"
    leaf = branch.add(line)
    for check in checks_of(trace, node):
        if not check.detail["is_passed"]:
            leaf.add(Text(check.label, "red"))
    if verbose:
        _open(leaf, trace, node)


def _open(leaf: Tree, trace: Trace, node: Node) -> None:
    """The text, the prompt that it was asked for with, and what changed from its draft."""
    for target in trace.targets(node.id, Relation.MADE_BY):
        recipe = trace.node(target)
        if recipe and recipe.detail["prompt"]:
            leaf.add(Panel(Text(recipe.detail["prompt"]), title=Text(f"prompt of {recipe.label}"), title_align="left"))
    changed = difference(trace, node)
    if changed:
        leaf.add(Panel(Syntax(changed, "diff", word_wrap=True), title="changed from the draft", title_align="left"))
    else:
        leaf.add(Panel(Text(text_of(node) or "removed on purpose; its hash is left"), title_align="left"))


def _line(*nodes: Node) -> Text:
    return Text(nodes[0].label if nodes else "no longer in the warehouse", no_wrap=True, overflow="ellipsis")


def _moment(node: Node) -> str:
    return f"{node.at:%Y-%m-%d %H:%M} " if node.at else ""


def _environment(node: Node) -> str:
    packages = node.detail.get("packages")
    return f", Python {node.detail['python_version']}, {len(packages)} packages" if packages else ""
