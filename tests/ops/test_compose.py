"""What compose.yaml starts is what there is to start, and together it does all the work."""

from typing import Any

import yaml

from ops.checkout import ROOT
from workers.queues import QUEUES

ENTRY = (ROOT / "ops" / "entry").read_text("utf-8")


def services(*names: str) -> dict[str, dict[str, Any]]:
    """The services of the files, later ones over earlier ones as compose lays them: key by key."""
    found: dict[str, dict[str, Any]] = {}
    for name in names:
        for service, settings in yaml.safe_load((ROOT / name).read_text("utf-8"))["services"].items():
            found[service] = {**found.get(service, {}), **settings}
    return found


def test_each_part_is_one_that_the_image_runs() -> None:
    commands = {
        name: settings["command"][0]
        for name, settings in services("compose.yaml").items()
        if settings["image"] == "nexus:latest"
    }
    assert set(commands.values()) == {"web", "stream", "worker", "relay", "beat", "migrate"}
    parts = {command for command in commands.values() if f"\n{command})" in ENTRY}
    assert parts == {"web", "stream", "worker", "beat"}


def test_workers_take_from_every_queue_and_none_from_the_same() -> None:
    taken = [
        settings["environment"]["WORKER_QUEUES"].split(",")
        for settings in services("compose.yaml").values()
        if settings.get("command") == ["worker"]
    ]
    assert sorted(queue for queues in taken for queue in queues) == sorted(f"nexus.{name}" for name in QUEUES)


def test_with_a_cluster_nothing_starts_before_all_of_its_nodes() -> None:
    alone, both = services("compose.yaml"), services("compose.yaml", "compose.cluster.yaml")
    nodes = {name for name, settings in both.items() if settings["image"] == both["rabbitmq"]["image"]}
    assert nodes == {"rabbitmq", "rabbitmq2", "rabbitmq3"}
    assert nodes <= set(both["migrate"]["depends_on"])
    for name, settings in alone.items():
        if settings["image"] == "nexus:latest" and name != "migrate":
            assert settings["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
