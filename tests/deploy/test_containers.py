"""Containerfile, composition and Kubernetes' manifests of config/deploy, as they can be read.

What they build and start is the same as in tests/deploy: the wheel, nginx with its site, the hub's
commands. ``make image-steps`` runs the Containerfile's steps.
"""

import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from idp import settings
from idp.cli.system import fresh_secrets
from tests.architecture.sources import ROOT
from tests.deploy.containerfile import stages_of
from tests.deploy.kubernetes import slips

DEPLOY = ROOT / "config" / "deploy"
MANIFESTS = sorted(
    path for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.name != "kustomization.yaml"
)
DOCUMENTS = [
    document for path in MANIFESTS for document in yaml.safe_load_all(path.read_text("utf-8"))
]


def named(document: dict[str, Any]) -> str:
    return f"{document['kind']}-{document['metadata']['name']}"


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [one for one in DOCUMENTS if one["kind"] == kind]


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for document in (*of_kind("Deployment"), *of_kind("Job")):
        yield named(document), document["spec"]["template"]


PODS = dict(pods())
CONTAINERS = {
    f"{name}-{one['name']}": one
    for name, pod in PODS.items()
    for one in (*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"])
}


def test_the_image_runs_as_nobody_special():
    user = stages_of(DEPLOY / "Containerfile")[-1].last("USER").rest
    assert user == "10001:10001"


def test_the_image_installs_only_what_the_lock_names_by_hash():
    first = stages_of(DEPLOY / "Containerfile")[0]
    pip = [step.rest for step in first.steps if "pip " in step.rest]
    assert len(pip) == 2
    assert "--no-deps --require-hashes -r requirements.lock" in pip[0]
    assert all("--no-index" in line for line in pip[1].split("&&") if "/pip " in line)


def test_what_builds_the_image_stays_out_of_it():
    last = stages_of(DEPLOY / "Containerfile")[-1]
    copied = [step.rest for step in last.steps if step.name == "COPY"]
    assert copied == ["--from=build /opt/tamin-account /opt/tamin-account"]


def test_no_key_or_history_of_a_checkout_gets_into_an_image():
    steps = stages_of(DEPLOY / "Containerfile")[0].steps
    sources = {word for step in steps if step.name == "COPY" for word in step.words[:-1]}
    assert sources.isdisjoint({".", "keys", "clients", ".git"})
    assert all((ROOT / name).exists() for name in sources)


@pytest.fixture(scope="module")
def composition() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return read


def test_the_composition_waits_for_what_it_names(composition):
    services = composition["services"]
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            healthy = how["condition"] == "service_healthy"
            assert not healthy or other == "hub" or "test" in services[other]["healthcheck"], name


def test_no_service_of_the_composition_can_gain_a_right(composition):
    for name, service in composition["services"].items():
        if name != "db":  # its image begins as root, and gives that up
            assert "no-new-privileges:true" in service["security_opt"], name


def test_the_hub_of_the_composition_is_reached_through_its_proxy_alone(composition):
    services = composition["services"]
    assert services["proxy"]["network_mode"] == "service:hub"
    assert services["hub"]["ports"] == ["443:443", "80:80"]


@pytest.mark.parametrize("file", ["compose.hub.toml", "kubernetes/hub.toml"])
def test_the_settings_that_go_with_the_files_start_a_hub_of_production(file: str, tmp_path: Path):
    secrets = tmp_path / "secrets.toml"
    secrets.touch(mode=0o600)
    given = '\n[sms.magfa]\npassword = "secret"\n'
    registries = "".join(
        f'\n[registry.{name}]\nuser = "hub"\npassword = "secret"\n'
        for name in ("civil", "ownership", "council")
    )
    secrets.write_text(fresh_secrets() + given + registries, "utf-8")
    loaded = settings.load([DEPLOY / file, secrets], {})
    assert not loaded.is_development
    assert loaded.server.bind == "127.0.0.1:8000"


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_a_manifest_has_no_field_that_kubernetes_does_not_know(document):
    assert list(slips(document)) == []


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
def test_a_container_can_gain_no_right_and_write_no_image(container):
    context = container["securityContext"]
    assert context["allowPrivilegeEscalation"] is False
    assert context["readOnlyRootFilesystem"] is True
    assert context["capabilities"] == {"drop": ["ALL"]}


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
def test_a_container_has_a_share_of_the_machine_and_an_end_of_its_memory(container):
    assert {"cpu", "memory"} <= set(container["resources"]["requests"])
    assert "memory" in container["resources"]["limits"]
    assert ":" in container["image"]
    assert not container["image"].endswith(":latest")


@pytest.mark.parametrize("pod", PODS.values(), ids=PODS)
def test_a_pod_is_nobodys_root_and_talks_to_no_cluster(pod):
    spec = pod["spec"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False


@pytest.mark.parametrize("pod", PODS.values(), ids=PODS)
def test_a_pod_mounts_what_it_has_and_has_what_it_mounts(pod):
    spec = pod["spec"]
    containers = [*spec.get("initContainers", ()), *spec["containers"]]
    mounted = {mount["name"] for one in containers for mount in one["volumeMounts"]}
    assert mounted == {volume["name"] for volume in spec["volumes"]}


def test_what_serves_citizens_is_probed_as_alive_and_as_ready():
    hub, proxy = (CONTAINERS[f"Deployment-web-{name}"] for name in ("hub", "proxy"))
    assert "/health/live" in hub["livenessProbe"]["exec"]["command"][-1]
    assert proxy["readinessProbe"]["httpGet"]["path"] == "/health/ready"


@pytest.mark.parametrize("document", of_kind("Deployment"), ids=named)
def test_a_deployment_finds_its_own_pods(document):
    labels = document["spec"]["template"]["metadata"]["labels"]
    assert document["spec"]["selector"]["matchLabels"].items() <= labels.items()


@pytest.mark.parametrize("budget", of_kind("PodDisruptionBudget"), ids=named)
def test_a_budget_leaves_a_pod_that_may_go(budget):
    wanted = budget["spec"]["selector"]["matchLabels"]
    [found] = [d for d in of_kind("Deployment") if d["spec"]["selector"]["matchLabels"] == wanted]
    assert budget["spec"]["minAvailable"] < found["spec"]["replicas"]


def test_more_pods_come_only_where_a_deployment_is():
    [scaler] = of_kind("HorizontalPodAutoscaler")
    target = scaler["spec"]["scaleTargetRef"]["name"]
    [found] = [one for one in of_kind("Deployment") if one["metadata"]["name"] == target]
    assert scaler["spec"]["minReplicas"] == found["spec"]["replicas"]
    assert scaler["spec"]["maxReplicas"] > scaler["spec"]["minReplicas"]


def test_the_service_leads_to_ports_that_a_container_has():
    [service] = of_kind("Service")
    wanted = {port["targetPort"] for port in service["spec"]["ports"]}
    ports = {port["name"] for one in CONTAINERS.values() for port in one.get("ports", ())}
    assert wanted <= ports
    assert service["spec"]["externalTrafficPolicy"] == "Local"


def test_nothing_is_allowed_in_the_network_that_is_not_named():
    everything = next(one for one in of_kind("NetworkPolicy") if named(one).endswith("nothing"))
    assert everything["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_metrics_are_read_where_the_settings_say_and_by_monitoring_alone():
    bind = tomllib.loads((DEPLOY / "kubernetes" / "hub.toml").read_text("utf-8"))["metrics"]["bind"]
    port = int(bind.rpartition(":")[2])
    [policy] = [one for one in of_kind("NetworkPolicy") if one["metadata"]["name"] == "metrics"]
    [rule] = policy["spec"]["ingress"]
    assert rule["ports"] == [{"protocol": "TCP", "port": port}]
    assert len(rule["from"]) == 1
    for name in ("web", "worker"):
        annotations = PODS[f"Deployment-{name}"]["metadata"]["annotations"]
        assert annotations["prometheus.io/port"] == str(port)


def test_kustomize_puts_the_manifests_together():
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed")
    words = ["kubectl", "kustomize", "--load-restrictor", "LoadRestrictionsNone"]
    done = subprocess.run(
        [*words, DEPLOY / "kubernetes"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    built = list(yaml.safe_load_all(done.stdout))
    assert len(built) == len(DOCUMENTS) + 2
    [proxy] = [one for one in built if one["metadata"]["name"].startswith("proxy-")]
    assert proxy["data"]["default.conf"] == (DEPLOY / "nginx.conf").read_text("utf-8")
