"""The fields of Kubernetes' API that config/deploy/kubernetes uses: what is not here is a slip.

Source: the API reference of Kubernetes 1.32. ``ANY`` holds names of one's own.
"""

from collections.abc import Iterator
from typing import Any

Fields = dict[str, Any]
ANY: Fields = {"*": {}}
META = {"name": {}, "labels": ANY, "annotations": ANY}
EXEC = {"exec": {"command": {}}}
PROBE = {
    **EXEC,
    "httpGet": {"path": {}, "port": {}, "scheme": {}, "httpHeaders": {"name": {}, "value": {}}},
    "tcpSocket": {"port": {}},
    "periodSeconds": {},
    "timeoutSeconds": {},
    "failureThreshold": {},
}
CONTAINER = {
    "name": {},
    "image": {},
    "command": {},
    "args": {},
    "env": {"name": {}, "value": {}},
    "securityContext": {
        "allowPrivilegeEscalation": {},
        "readOnlyRootFilesystem": {},
        "capabilities": {"drop": {}},
    },
    "resources": {"requests": ANY, "limits": ANY},
    "ports": {"name": {}, "containerPort": {}},
    "startupProbe": PROBE,
    "livenessProbe": PROBE,
    "readinessProbe": PROBE,
    "lifecycle": {"preStop": EXEC},
    "volumeMounts": {"name": {}, "mountPath": {}, "readOnly": {}},
}
VOLUME = {
    "name": {},
    "configMap": {"name": {}},
    "secret": {"secretName": {}, "defaultMode": {}, "items": {"key": {}, "path": {}}},
    "emptyDir": {"medium": {}, "sizeLimit": {}},
    "persistentVolumeClaim": {"claimName": {}},
}
SELECTOR = {"matchLabels": ANY}
POD = {
    "serviceAccountName": {},
    "automountServiceAccountToken": {},
    "enableServiceLinks": {},
    "securityContext": {
        "runAsNonRoot": {},
        "runAsUser": {},
        "runAsGroup": {},
        "fsGroup": {},
        "fsGroupChangePolicy": {},
        "seccompProfile": {"type": {}},
        "sysctls": {"name": {}, "value": {}},
    },
    "terminationGracePeriodSeconds": {},
    "restartPolicy": {},
    "topologySpreadConstraints": {
        "maxSkew": {},
        "topologyKey": {},
        "whenUnsatisfiable": {},
        "labelSelector": SELECTOR,
    },
    "initContainers": CONTAINER,
    "containers": CONTAINER,
    "volumes": VOLUME,
}
TEMPLATE = {"metadata": META, "spec": POD}
PEER = {"podSelector": SELECTOR, "namespaceSelector": SELECTOR, "ipBlock": {"cidr": {}}}
RULE_PORT = {"protocol": {}, "port": {}}
SPECS: dict[str, Fields] = {
    "v1 Namespace": {},
    "v1 ServiceAccount": {},
    "v1 PersistentVolumeClaim": {"accessModes": {}, "resources": {"requests": ANY}},
    "v1 Service": {
        "type": {},
        "externalTrafficPolicy": {},
        "selector": ANY,
        "ports": {"name": {}, "port": {}, "targetPort": {}},
    },
    "apps/v1 Deployment": {
        "replicas": {},
        "minReadySeconds": {},
        "strategy": {"type": {}, "rollingUpdate": {"maxUnavailable": {}, "maxSurge": {}}},
        "selector": SELECTOR,
        "template": TEMPLATE,
    },
    "batch/v1 Job": {"backoffLimit": {}, "ttlSecondsAfterFinished": {}, "template": TEMPLATE},
    "policy/v1 PodDisruptionBudget": {"minAvailable": {}, "selector": SELECTOR},
    "autoscaling/v2 HorizontalPodAutoscaler": {
        "scaleTargetRef": {"apiVersion": {}, "kind": {}, "name": {}},
        "minReplicas": {},
        "maxReplicas": {},
        "metrics": {
            "type": {},
            "resource": {"name": {}, "target": {"type": {}, "averageUtilization": {}}},
        },
        "behavior": {
            "scaleUp": {"stabilizationWindowSeconds": {}},
            "scaleDown": {"stabilizationWindowSeconds": {}},
        },
    },
    "networking.k8s.io/v1 NetworkPolicy": {
        "podSelector": SELECTOR,
        "policyTypes": {},
        "ingress": {"from": PEER, "ports": RULE_PORT},
        "egress": {"to": PEER, "ports": RULE_PORT},
    },
}


def slips(document: dict[str, Any]) -> Iterator[str]:
    """Yield the path of each field that the API does not have, as far as we know it."""
    kind = f"{document['apiVersion']} {document['kind']}"
    if kind not in SPECS:
        yield kind
        return
    top = {"apiVersion": {}, "kind": {}, "metadata": META, "spec": SPECS[kind]}
    top |= {"automountServiceAccountToken": {}} if kind == "v1 ServiceAccount" else {}
    yield from _unknown(document, top, kind)


def _unknown(value: Any, fields: Fields, path: str) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _unknown(one, fields, path)
    elif isinstance(value, dict) and "*" not in fields:
        for name, below in value.items():
            if name in fields:
                yield from _unknown(below, fields[name], f"{path}.{name}")
            else:
                yield f"{path}.{name}"
