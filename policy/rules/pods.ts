// Rules about pods, whatever makes them.
import {
  containersOf,
  everyContainer,
  everyPod,
  makesPods,
  noneWith,
  podOf,
  probed,
  probedPod,
} from "./pod-checks.ts";
import {
  all,
  expect,
  items,
  mandatory,
  mandatoryIfManaged,
  read,
  types,
  unknown,
  type Admission,
  type Finding,
  type Rule,
} from "./rule.ts";

const isJob = types("kubernetes:batch/v1:Job", "kubernetes:batch/v1:CronJob");
const isTrue = (value: unknown) => value === true;
const isFalse = (value: unknown) => value === false;
const isSet = (value: unknown) => value !== undefined && value !== "";
const isNotTrue = (value: unknown) => value !== true;
const contains = (value: unknown, ...allowed: readonly unknown[]) => allowed.includes(value);
const atLeast10000 = (value: unknown) => typeof value === "number" && value >= 10_000;

const secretName = /PASSW|TOKEN|SECRET|PRIVATE_?KEY/i;

/** Registries and owners of images that need no exemption: the images that Docker itself reviews. */
const trustedOwners = ["docker.io/library"];

/** The registry and the owner of an image: `docker.io/library` of `redis:8`. */
function ownerOf(image: string): string {
  const path = image.replace(/@.*$/, "").split("/").slice(0, -1);
  const isRegistry = /[.:]|^localhost$/.test(path[0] ?? "");
  if (!isRegistry) path.unshift("docker.io");
  return path.length === 1 ? `${path[0] ?? ""}/library` : path.join("/");
}

const podSecurity = "https://kubernetes.io/docs/concepts/security/pod-security-standards/";
const kubeScore = "https://github.com/zegl/kube-score/blob/master/README_CHECKS.md";

/** The objects that have a pod in them, as the API server names them, and the pod's containers. */
const podAdmission: Pick<Admission, "resources" | "variables"> = {
  resources: {
    // What `kubectl debug` puts into a pod that runs comes as an update of that part alone.
    "": ["pods", "pods/ephemeralcontainers"],
    apps: ["deployments", "statefulsets", "daemonsets", "replicasets"],
    batch: ["jobs"],
  },
  variables: {
    spec: "object.kind == 'Pod' ? object.spec : object.spec.template.spec",
    containers: ["initContainers", "ephemeralContainers"]
      .map((list) => `(has(variables.spec.${list}) ? variables.spec.${list} : [])`)
      .reduce((sum, each) => `${sum} + ${each}`, "variables.spec.containers"),
  },
};

const noHostAccess: Rule["check"] = all(
  ...["hostNetwork", "hostPID", "hostIPC"].map((path) =>
    everyPod(path, isNotTrue, "shares a namespace of the node"),
  ),
  everyContainer("securityContext.privileged", isNotTrue, "is privileged"),
  noneWith("ports", "hostPort", "takes a port of the node"),
  (resource): readonly Finding[] =>
    items(read(podOf(resource), "volumes")).flatMap((volume) =>
      expect(
        "pod volumes",
        read(volume, "hostPath"),
        (path) => path === undefined,
        "mounts a path of the node",
      ),
    ),
);

/** What the rules about pods have in common. */
type PodRule = Omit<Rule, "scope" | "level" | "applies"> & Partial<Pick<Rule, "level" | "applies">>;

const rules: readonly PodRule[] = [
  {
    name: "non-root",
    check: everyContainer("securityContext.runAsNonRoot", isTrue, "may run as root"),
    why: "Root in a container is root on the node, should it break out.",
    source: podSecurity,
  },
  {
    name: "no-privilege-escalation",
    check: everyContainer("securityContext.allowPrivilegeEscalation", isFalse, "may gain privileges"),
    why: "A setuid program would give a process more rights than it was started with.",
    source: podSecurity,
  },
  {
    name: "read-only-root",
    check: everyContainer("securityContext.readOnlyRootFilesystem", isTrue, "may write to its image"),
    why: "Who breaks in can then change no program, and what is written is in a volume that is known.",
    source: kubeScore,
  },
  {
    name: "no-capabilities",
    check: all(
      everyContainer(
        "securityContext.capabilities.drop",
        (drop) => items(drop).includes("ALL"),
        "keeps capabilities of the kernel",
      ),
      everyContainer(
        "securityContext.capabilities.add",
        (add) => items(add).every((one) => one === "NET_BIND_SERVICE"),
        "adds capabilities of the kernel",
      ),
    ),
    why: "No service needs a capability but, below port 1024, NET_BIND_SERVICE.",
    source: podSecurity,
  },
  {
    name: "seccomp",
    check: everyContainer(
      "securityContext.seccompProfile.type",
      (type) => contains(type, "RuntimeDefault", "Localhost"),
      "has no seccomp profile",
    ),
    why: "The profile closes system calls that only attacks use.",
    source: podSecurity,
  },
  {
    name: "no-host-access",
    check: noHostAccess,
    why: "A pod that sees the node sees every other pod on it.",
    source: podSecurity,
    admission: {
      ...podAdmission,
      problem: "reaches into the node",
      offenders: [
        "variables.containers.filter(c, has(c.securityContext) && has(c.securityContext.privileged) && c.securityContext.privileged)" +
          ".map(c, 'container ' + c.name)",
        "variables.containers.filter(c, has(c.ports) && c.ports.exists(p, has(p.hostPort) && p.hostPort != 0))" +
          ".map(c, 'container ' + c.name)",
        "(has(variables.spec.volumes) ? variables.spec.volumes.filter(v, has(v.hostPath)).map(v, 'volume ' + v.name) : [])",
        ...["hostNetwork", "hostPID", "hostIPC"].map(
          (key) => `(has(variables.spec.${key}) && variables.spec.${key} ? ['pod ${key}'] : [])`,
        ),
      ].join(" + "),
    },
  },
  {
    name: "resources",
    check: all(
      ...["requests.cpu", "requests.memory", "limits.memory"].map((path) =>
        everyContainer(`resources.${path}`, isSet, `has no ${path}`),
      ),
    ),
    why: "Without requests the scheduler guesses; without a limit one container takes the memory of all others.",
    source: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
  },
  {
    name: "cpu-limit",
    check: everyContainer("resources.limits.cpu", isSet, "has no limits.cpu"),
    why: "A container without a limit may take all idle processor time of its node.",
    source: kubeScore,
  },
  {
    name: "readiness-probe",
    // A job takes no requests.
    applies: (type) => makesPods(type) && !isJob(type),
    check: all(probed("readinessProbe"), probedPod("readinessProbe")),
    why: "Without it, traffic goes to a pod that does not serve yet, and a rollout ends before anything works.",
    source: kubeScore,
  },
  {
    name: "liveness-probe",
    check: probed("livenessProbe"),
    why: "A process that hangs is started anew only when somebody asks it.",
    source: kubeScore,
  },
  {
    name: "image-digest",
    level: mandatoryIfManaged,
    check: everyContainer(
      "image",
      (image) => typeof image === "string" && /@sha256:[0-9a-f]{64}$/.test(image),
      "names its image without a digest",
    ),
    why: "A tag can be moved: what was tested is then not what runs.",
    source: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
    admission: {
      ...podAdmission,
      problem: "names its image without a digest",
      offenders:
        "variables.containers.filter(c, !c.image.matches('@sha256:[0-9a-f]{64}$')).map(c, 'container ' + c.name)",
    },
  },
  {
    name: "trusted-registry",
    level: mandatoryIfManaged,
    check: everyContainer(
      "image",
      (image) => typeof image === "string" && trustedOwners.includes(ownerOf(image)),
      "comes from an owner that is not on the list",
    ),
    why: "Whoever owns the image owns the container. The list is `trustedOwners`: a registry of one's own belongs there.",
    source:
      "https://github.com/open-policy-agent/gatekeeper-library/tree/master/library/general/allowedrepos",
  },
  {
    name: "pull-policy-always",
    check: everyContainer(
      "imagePullPolicy",
      (policy) => policy === "Always",
      "does not pull its image at every start",
    ),
    why: "A tag that was moved would be noticed, and a private image only runs for whoever may pull it.",
    source: kubeScore,
  },
  {
    name: "high-user-id",
    check: all(
      ...["runAsUser", "runAsGroup"].map((path) =>
        everyContainer(`securityContext.${path}`, atLeast10000, `has a ${path} below 10000`),
      ),
    ),
    why: "A low number may be that of a user of the node, whose files it could then read after breaking out.",
    source: kubeScore,
  },
  {
    name: "own-service-account",
    check: everyPod(
      "serviceAccountName",
      (name) => isSet(name) && name !== "default",
      "runs as the namespace's default account",
    ),
    why: "Rights that are given to the default account are given to every pod of the namespace.",
    source: "https://kubernetes.io/docs/concepts/security/service-accounts/",
  },
  {
    name: "no-plain-secret",
    check: (resource) =>
      containersOf(resource, "initContainers", "containers").flatMap(({ at, value }) =>
        items(read(value, "env"))
          .filter((env) => env === unknown || secretName.test(String(read(env, "name"))))
          .flatMap((env) =>
            expect(
              `${at}, ${String(read(env, "name"))}`,
              read(env, "value"),
              (text) => text === undefined,
              "has a secret as plain text in its environment",
            ),
          ),
      ),
    why: "Whoever may read the workload would read the secret; a Secret has rights of its own.",
    source: "https://kubernetes.io/docs/concepts/configuration/secret/",
  },
  {
    name: "secrets-as-files",
    check: all(
      noneWith("env", "valueFrom.secretKeyRef", "takes a Secret as a variable of its environment"),
      noneWith("envFrom", "secretRef", "takes a Secret as variables of its environment"),
    ),
    why: "An environment is inherited by every child and printed by many a crash report; a file is not.",
    source: "https://www.cisecurity.org/benchmark/kubernetes",
  },
];

/** The rules about pods. */
export const podRules: readonly Rule[] = [
  ...rules.map((rule): Rule => ({ scope: "resource", level: mandatory, applies: makesPods, ...rule })),
  {
    name: "no-account-token",
    scope: "resource",
    level: mandatory,
    applies: (type) => makesPods(type) || type === "kubernetes:core/v1:ServiceAccount",
    check: (resource) =>
      makesPods(resource.type)
        ? everyPod("automountServiceAccountToken", isFalse, "has a token of the API server")(resource, [])
        : expect(
            "automountServiceAccountToken",
            resource.inputs.automountServiceAccountToken,
            isFalse,
            "gives a token of the API server to its pods",
          ),
    why: "No service speaks to the API server, so no pod needs a credential for it.",
    source: "https://kubernetes.io/docs/concepts/security/service-accounts/",
  },
];
