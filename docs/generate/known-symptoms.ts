import { step, type Step } from "../../launcher/hints/hint.ts";

/** A failure that no pattern looks for: the launcher says it itself, or it shows only in the cluster or the browser. */
export interface Symptom {
  /** The text that one sees; a word in capitals stands for one that differs. */
  readonly seen: string;
  /** The page that documents it. @default the text is a message of this project */
  readonly source?: string;
  readonly explanation: string;
  readonly steps: readonly Step[];
}

/** Symptoms before anything is deployed. */
export const beforehand: readonly Symptom[] = [
  {
    seen: "npm ci ended with code",
    explanation:
      "npm reached no registry, or could not write `node_modules`. The lines above it say which. Nothing else was touched.",
    steps: [
      step(
        "Which registry npm asks, and through which proxy:",
        "npm config get registry",
        "npm config get https-proxy",
      ),
      step("Then repeat it:", "make up"),
    ],
  },
  {
    seen: "runs on minikube, which is not on PATH",
    explanation: "The stack file names minikube as the provider of the cluster.",
    steps: [
      step(
        "Install it (https://minikube.sigs.k8s.io/docs/start/), or deploy to the sandbox:",
        "make up STACK=sandbox",
      ),
    ],
  },
  {
    seen: "is not in the kubeconfig",
    explanation:
      "The context in the stack file is in none of the files of `KUBECONFIG`, or else in `~/.kube/config`.",
    steps: [
      step("Which contexts there are:", "kubectl config get-contexts"),
      step(
        "Name one of them:",
        "pulumi config set --path 'multi-client:cluster.context' CONTEXT --stack NAME",
      ),
      step(
        "A local cluster that was deleted took everything with it; the stack is forgotten by:",
        "pulumi stack rm --force --preserve-config --stack NAME",
      ),
    ],
  },
  {
    seen: "The API server of context CONTEXT does not answer",
    explanation:
      "The API server of the context is stopped, or behind a VPN or firewall. Nothing was changed.",
    steps: [
      step("Whether it answers kubectl:", "kubectl --context CONTEXT get --raw /readyz"),
      step("A stopped minikube or sandbox is started by:", "make up STACK=NAME"),
    ],
  },
  {
    seen: "14 UNAVAILABLE: No connection established",
    source: "https://github.com/grpc/grpc-node/blob/master/doc/environment_variables.md",
    explanation:
      "`pulumi up` was called by hand behind a company's proxy: engine and program speak over 127.0.0.1, and `https_proxy` " +
      "(in lower case) sends that to the proxy as well. `make` adds this computer to `no_proxy` by itself.",
    steps: [
      step("Then repeat it:", "export no_proxy=127.0.0.1,localhost,::1${no_proxy:+,$no_proxy}", "pulumi up"),
    ],
  },
  {
    seen: "names no secrets provider",
    explanation:
      "The stack is new. It is never created without a secrets provider, because its state holds the password of the database.",
    steps: [
      step(
        "Once, with a key of yours (awskms://..., azurekeyvault://..., gcpkms://...) or passphrase:",
        "pulumi stack init NAME --secrets-provider PROVIDER",
      ),
    ],
  },
  {
    seen: "in the configuration of stack NAME; nothing was changed",
    explanation:
      "Settings of the stack file were refused before anything was touched. All of them are listed, each with what was found, what is expected and the command that corrects it.",
    steps: [step("Run the `fix:` lines, then:", "make preview STACK=NAME")],
  },
];

/** Reasons why pods do not become Ready; `make up` prints them below `Not ready within its time limit`. */
export const pods: readonly Symptom[] = [
  {
    seen: "ImagePullBackOff",
    source: "https://kubernetes.io/docs/concepts/containers/images/#imagepullbackoff",
    explanation:
      "The node cannot pull the image: the registry is out of its reach or wants a login, or there is no such image. `images.registry` names a mirror for all images, `images.SERVICE` another image for one, `images.pullSecret` the Secret with a login.",
    steps: [
      step("What the node says:", "kubectl -n multi-client describe pod -l component=SERVICE"),
      step(
        "Pull through a mirror:",
        "pulumi config set --path 'multi-client:images.registry' registry.example.com/mirror --stack NAME",
      ),
      step(
        "Pull with a login, of a Secret that `kubectl create secret docker-registry` made:",
        "pulumi config set --path 'multi-client:images.pullSecret' registry-login --stack NAME",
      ),
    ],
  },
  {
    seen: "CrashLoopBackOff",
    source: "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restarts",
    explanation: "The container starts and ends. Its last output says why.",
    steps: [
      step(
        "Its last output:",
        "kubectl -n multi-client logs -l component=SERVICE --previous --all-containers",
      ),
    ],
  },
  {
    seen: "exec format error",
    source: "https://docs.docker.com/build/building/multi-platform/",
    explanation:
      "The image is for another processor than the node. The own images of client, server and worker are for amd64, and their pods ask for such nodes; an image that the stack names in `images.SERVICE` runs on any.",
    steps: [step("Which processors the nodes have:", "kubectl get nodes -L kubernetes.io/arch")],
  },
  {
    seen: "cannot be placed",
    explanation:
      "No node has room for the requests of the pod, or its claim is bound to a zone without a free node. Where a cloud scales nodes by itself, the wait is 600 s longer for that.",
    steps: [
      step("What is requested on the nodes:", "kubectl describe nodes | grep -A 8 'Allocated resources'"),
      step(
        "Request less:",
        "pulumi config set --path 'multi-client:services.SERVICE.resources.requests.cpu' 50m --stack NAME",
      ),
    ],
  },
  {
    seen: "exceeded quota",
    source: "https://kubernetes.io/docs/concepts/policy/resource-quotas/",
    explanation: "A ResourceQuota of the namespace forbids one more pod or claim.",
    steps: [step("This shows what is used:", "kubectl -n multi-client describe resourcequota")],
  },
  {
    seen: "violates PodSecurity",
    source: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
    explanation:
      "The namespace enforces the standard `restricted`, which every pod of this program keeps. Something (a mutating webhook, an injected sidecar) changed the pod.",
    steps: [step("Who changes pods:", "kubectl get mutatingwebhookconfigurations")],
  },
  {
    seen: "unbound immediate PersistentVolumeClaims",
    source: "https://kubernetes.io/docs/concepts/storage/dynamic-provisioning/#defaulting-behavior",
    explanation: "The cluster has no default StorageClass, or its provisioner does not run.",
    steps: [
      step("Which classes there are:", "kubectl get storageclass"),
      step(
        "Name one, before the first make up (it is fixed at creation):",
        "pulumi config set --path 'multi-client:cluster.storageClass' CLASS --stack NAME",
      ),
    ],
  },
];

/** Symptoms of an application that is deployed. */
export const afterwards: readonly Symptom[] = [
  {
    seen: "The nodes are simulated",
    explanation:
      "Nothing is wrong: this sandbox has no real node, so no container runs and no page opens. It shows everything up to that point. The first lines of `make up` say why.",
    steps: [
      step(
        "To see the page, make it anew with a real node, as root on Linux:",
        "make down && make up NODES=real",
      ),
      step("Or deploy to another cluster:", "make up STACK=dev"),
    ],
  },
  {
    seen: "This site can't be reached",
    source: "https://minikube.sigs.k8s.io/docs/handbook/accessing/",
    explanation:
      "With the docker driver on macOS, Windows and WSL the node's address is not reachable from the computer. See [Reaching the application](operations.md#reaching-the-application).",
    steps: [step("The command that leads there, and must stay running:", "make status")],
  },
  {
    seen: "cpu: <unknown>/70%",
    source: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale-walkthrough/",
    explanation:
      "`kubectl get hpa` shows this where the cluster has no metrics-server: the autoscaler does nothing. minikube gets the addon by `make up`; EKS, AKS and GKE have one.",
    steps: [
      step(
        "Install it on any other cluster:",
        "kubectl apply -f https://github.com/kubernetes-sigs/metrics-server/releases/latest/download/components.yaml",
      ),
    ],
  },
  {
    seen: "Data was lost in the cluster, not by this run",
    explanation:
      "A claim of the state was not in the cluster any more, so `make up` created an empty one. Bring back what it held from a dump; see [Lost claims](operations.md#lost-claims).",
    steps: [],
  },
  {
    seen: "An earlier run was killed; what it was doing",
    explanation:
      "Nothing is wrong: `make up` settles what a killed run left, and lists it. See [A run that was killed](operations.md#a-run-that-was-killed).",
    steps: [],
  },
];
