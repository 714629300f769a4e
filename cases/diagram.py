"""The loop as a picture and a list, made from the workflow table and from nothing else. Pure."""

from collections import defaultdict
from collections.abc import Iterator

from cases.terms import ENDED, ClockKind, Status
from cases.workflow import TABLE, Rule, Subject, leads_to


def mermaid() -> str:
    """A state diagram in the language of mermaid; what changes no status is left out."""
    names: dict[tuple[str, str], list[str]] = defaultdict(list)
    for action, source, target in _steps():
        names[source, target].append(action)
    lines = [f"    {source} --> {target}: {', '.join(actions)}" for (source, target), actions in names.items()]
    reached = {target for _, target in names}
    lines += [f"    {status} --> [*]" for status in Status if status in ENDED and status in reached]
    return "\n".join(["stateDiagram-v2", *lines])


def _steps() -> Iterator[tuple[str, str, str]]:
    for rule in TABLE.values():
        if not rule.sources:
            yield from ((rule.action.value, "[*]", target.value) for target in Status if target in rule.targets)
        for source in Status:
            for target in Status:
                if target != source and target in leads_to(rule.action, source):
                    yield rule.action.value, source.value, target.value


def listing() -> str:
    """Every row of the table as Markdown: from, to, who, what is asked, which clocks stop and start."""
    head = ["| action | from | to | who | fields | stops | starts |", "|---|---|---|---|---|---|---|"]
    return "\n".join([*head, *(_row(rule) for rule in TABLE.values())])


#: Acts on an alert or an order change no status.
_TELLING = frozenset({Subject.ALERT, Subject.ORDER})


def _row(rule: Rule) -> str:
    cells = [
        f"`{rule.action}`",
        _ordered(rule.sources) or "–",
        "no change" if rule.stays or rule.subject in _TELLING else _ordered(rule.targets),
        _who(rule),
        ", ".join(field.name if field.required else f"{field.name}?" for field in rule.fields) or "–",
        "all" if rule.stops == frozenset(ClockKind) else ", ".join(sorted(rule.stops)) or "–",
        ", ".join(sorted(rule.starts)) or "–",
    ]
    return f"| {' | '.join(cells)} |"


def _who(rule: Rule) -> str:
    people = [role.value for role in sorted(rule.roles)] + (["the petitioner"] if rule.petitioner else [])
    return ", ".join(people) or ("keepers of a sealed case" if rule.sealed_roles else "the clock")


def _ordered(statuses: frozenset[Status]) -> str:
    return ", ".join(status.value for status in Status if status in statuses)


_BEGIN = "<!-- made by `manage.py workflow_docs --write`; edit cases/workflow/ instead -->"
_END = "<!-- end of what was made -->"


def generated() -> str:
    return f"```mermaid\n{mermaid()}\n```\n\n{listing()}"


def inserted(page: str) -> str:
    """The page with the part between its two marks made anew. ValueError when it has no such marks."""
    before, _, rest = page.partition(_BEGIN)
    _, found, after = rest.partition(_END)
    if not found:
        msg = "the page has no marks between which the diagram stands"
        raise ValueError(msg)
    return f"{before}{_BEGIN}\n\n{generated()}\n\n{_END}{after}"
