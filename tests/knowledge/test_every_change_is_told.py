"""Every verb of the domain that changes something records an event, or is listed here with the reason why not."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "knowledge"
# Where verbs are: functions whose first argument is who acts.
PLACES = (
    "services/*.py",
    "digests/requests.py",
    "digests/subscriptions.py",
    "deliveries/*.py",
    "documents/importing/service.py",
)
SILENT = {
    "add_bookmark": "what somebody keeps is nobody else's business",
    "remove_bookmark": "as above",
    "subscribe": "who wants which mail is nobody else's business",
    "unsubscribe": "as above",
    "retry_delivery": "what becomes of it is told when it ends",
    "create_token": "a secret of one person's; the audit trail has it",
    "revoke_token": "as above",
    "change_password": "as above",
    "revoke_session": "as above",
    "revoke_other_sessions": "as above",
    "sign_out_staff": "as above",
    "require_own_password": "changes nothing but the count of failures",
}


def calls_and_events() -> tuple[dict[str, set[str]], set[str]]:
    """What each function calls, by names alone, and which of them name a type of event."""
    calls: dict[str, set[str]] = defaultdict(set)
    telling = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            for part in ast.walk(node):
                if isinstance(part, ast.Attribute):
                    calls[node.name].add(part.attr)
                    if isinstance(part.value, ast.Name) and part.value.id == "EventType":
                        telling.add(node.name)
                elif isinstance(part, ast.Name):
                    calls[node.name].add(part.id)
    return calls, telling


def verbs() -> set[str]:
    """The public functions whose first argument is a viewer."""
    return {
        node.name
        for place in PLACES
        for path in ROOT.glob(place)
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if node.args.args and node.args.args[0].arg == "viewer"
    }


def tells(verb: str, calls: dict[str, set[str]], telling: set[str]) -> bool:
    seen: set[str] = set()
    ahead = {verb}
    while ahead:
        if ahead & telling:
            return True
        seen |= ahead
        ahead = {called for name in ahead for called in calls.get(name, ())} - seen
    return False


def test_every_change_is_told_or_has_a_reason_not_to_be() -> None:
    calls, telling = calls_and_events()
    assert {verb for verb in verbs() if not tells(verb, calls, telling)} == set(SILENT)
