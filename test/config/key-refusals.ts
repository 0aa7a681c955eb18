import { far, managed, minikube, near, onAks, onEks, onGke } from "./facts.ts";
import type { Refusal } from "./refusals.ts";

const services = (settings: object) => ({ ...minikube, services: settings });
const client = (settings: object) => services({ client: settings });

/** Refusals of keys that are right at another level, or written with dots in place of levels. */
export const keyRefusals: readonly Refusal[] = [
  ["the number of pods at the top", { ...minikube, replicas: 2 }, "replicas"],
  ["the number of pods of a service, a level up", client({ replicas: 2 }), "services.client.replicas"],
  ["the number of pods of all services", services({ replicas: 2 }), "services.replicas"],
  ["a scale of all services", services({ scale: { replicas: 2 } }), "services.scale"],
  ["the memory of a service, two levels up", client({ memory: "128Mi" }), "services.client.memory"],
  [
    "resources a level down",
    client({ scale: { replicas: 1, resources: {} } }),
    "services.client.scale.resources",
  ],
  ["the size of a claim, a level up", services({ redis: { size: "2Gi" } }), "services.redis.size"],
  ["a host at the top", { ...minikube, host: "app.example.com" }, "host"],
  ["a claim at the top", { ...minikube, storage: { size: "2Gi" } }, "storage"],
  ["a private key at the top", { ...minikube, key: "hunter2" }, "key"],
  ["a service at the top", { ...minikube, client: { scale: { replicas: 1 } } }, "client"],
  ["a registry at the top", { ...minikube, registry: "registry.example.com" }, "registry"],
  ["a time limit at the top", { ...minikube, timeoutSeconds: 60 }, "timeoutSeconds"],
  ["a namespace inside of the cluster", { cluster: { ...near, namespace: "shop" } }, "cluster.namespace"],
  ["the size of nodes, a level up", onAks({ vmSize: "Standard_D8ds_v5" }), "cluster.vmSize"],
  ["zones a level up", onEks({ zones: managed.eks.cluster.network.zones }), "cluster.zones"],
  ["a Pod network at the top", { ...managed.gke, podCidr: "10.4.0.0/14" }, "podCidr"],
  ["a flat key", { ...minikube, "exposure.type": "nodePort" }, "exposure.type"],
  [
    "a flat key of four levels",
    { ...minikube, "services.client.scale.replicas": 2 },
    "services.client.scale.replicas",
  ],
  ["a flat key below a section", services({ "client.scale": { replicas: 2 } }), 'services["client.scale"]'],
  ["the cluster as flat keys", { "cluster.provider": "minikube" }, "cluster.provider"],
  ["a flat key of a list", { ...onGke({}), "cluster.admins[1]": "user:ann@corp.test" }, "cluster.admins[1]"],
  ["a flat key that holds a secret", { ...minikube, "exposure.tls.key": "hunter2" }, "exposure.tls.key"],
];

/** Refusals of values that are right but for spaces, capitals, quotes or where they are used. */
export const textRefusals: readonly Refusal[] = [
  [
    "a host in capitals",
    { cluster: near, exposure: { type: "ingress", host: "App.Example.com" } },
    "exposure.host",
  ],
  [
    "a host with a space behind it",
    { cluster: far, exposure: { type: "ingress", host: "app.example.com " } },
    "exposure.host",
  ],
  ["a type in another case", { ...minikube, exposure: { type: "NodePort" } }, "exposure.type"],
  ["a misspelt type", { ...minikube, exposure: { type: "nodeport " } }, "exposure.type"],
  ["a namespace with a space before it", { ...minikube, namespace: " shop" }, "namespace"],
  ["an image in capitals", { ...minikube, images: { redis: "Redis:8" } }, "images.redis"],
  ["a cost centre in capitals", onEks({ costCentre: "CC-1" }), "cluster.costCentre"],
  ["an owner that is true", onEks({ owner: true }), "cluster.owner"],
  ["a version that YAML reads as 1.3", onEks({ kubernetesVersion: 1.3 }), "cluster.kubernetesVersion"],
  ["a version without quotes", onGke({ kubernetesVersion: 1.36 }), "cluster.kubernetesVersion"],
  [
    "a version of minikube without quotes",
    { cluster: { provider: "minikube", kubernetesVersion: 1.4 } },
    "cluster.kubernetesVersion",
  ],
  ["a cost centre that is half a number", onAks({ costCentre: 47.11 }), "cluster.costCentre"],
  [
    "localhost on a far cluster",
    { cluster: far, exposure: { type: "ingress", host: "localhost" } },
    "exposure.host",
  ],
  [
    "a name below localhost on a cloud",
    { ...managed.aks, exposure: { type: "loadBalancer", plainHttp: true, host: "app.localhost" } },
    "exposure.host",
  ],
];
