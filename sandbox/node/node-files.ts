import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { nodeAddress, nodeName } from "./certificates.ts";

/** Where the node finds its own files: the folder `etc` of its state is mounted there. */
const etc = "/run/node/etc";
const certificates = `${etc}/certificates`;
const containerdSocket = "/run/containerd/containerd.sock";
const clusterDns = "10.96.0.10";

/** What differs from node to node. */
export interface NodeOptions {
  /** The cgroup below which the kubelet makes its own. */
  readonly cgroup: string;
  /** The image that holds the namespaces of a pod. */
  readonly pauseImage: string;
}

const file = (name: string) => `${certificates}/${name}`;
const kubeconfigFile = (user: string) => `${etc}/kubeconfig/${user}`;

/** The programs of the node, each with its arguments. runit starts all of them, and starts again what ends. */
const commands: Readonly<Record<string, readonly string[]>> = {
  etcd: [
    "etcd",
    "--data-dir=/var/lib/etcd",
    "--listen-client-urls=http://127.0.0.1:2379",
    "--advertise-client-urls=http://127.0.0.1:2379",
    "--listen-peer-urls=http://127.0.0.1:2380",
    "--log-level=warn",
    // A sandbox may lose the last writes with the computer's power.
    "--unsafe-no-fsync",
  ],
  "kube-apiserver": [
    "kube-apiserver",
    "--etcd-servers=http://127.0.0.1:2379",
    "--bind-address=0.0.0.0",
    `--advertise-address=${nodeAddress}`,
    "--service-cluster-ip-range=10.96.0.0/12",
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction",
    "--allow-privileged=true",
    "--kubelet-preferred-address-types=InternalIP",
    "--cert-dir=/run/kube-apiserver",
    `--client-ca-file=${file("ca.crt")}`,
    `--tls-cert-file=${file("apiserver.crt")}`,
    `--tls-private-key-file=${file("apiserver.key")}`,
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    `--service-account-signing-key-file=${file("service-accounts.key")}`,
    `--service-account-key-file=${file("service-accounts.pub")}`,
    `--kubelet-client-certificate=${file("admin.crt")}`,
    `--kubelet-client-key=${file("admin.key")}`,
    `--kubelet-certificate-authority=${file("ca.crt")}`,
    `--requestheader-client-ca-file=${file("front-proxy-ca.crt")}`,
    "--requestheader-allowed-names=front-proxy-client",
    "--requestheader-username-headers=X-Remote-User",
    "--requestheader-group-headers=X-Remote-Group",
    "--requestheader-extra-headers-prefix=X-Remote-Extra-",
    `--proxy-client-cert-file=${file("front-proxy.crt")}`,
    `--proxy-client-key-file=${file("front-proxy.key")}`,
  ],
  "kube-controller-manager": [
    "kube-controller-manager",
    `--kubeconfig=${kubeconfigFile("controller-manager")}`,
    "--leader-elect=false",
    "--bind-address=127.0.0.1",
    "--cert-dir=/run/kube-controller-manager",
    `--service-account-private-key-file=${file("service-accounts.key")}`,
    `--root-ca-file=${file("ca.crt")}`,
    `--cluster-signing-cert-file=${file("ca.crt")}`,
    `--cluster-signing-key-file=${file("ca.key")}`,
    "--use-service-account-credentials=true",
    "--enable-hostpath-provisioner=true",
  ],
  "kube-scheduler": [
    "kube-scheduler",
    `--kubeconfig=${kubeconfigFile("scheduler")}`,
    "--leader-elect=false",
    "--bind-address=127.0.0.1",
    "--cert-dir=/run/kube-scheduler",
  ],
  containerd: ["containerd", "--config", `${etc}/containerd.toml`],
  kubelet: [
    "kubelet",
    `--config=${etc}/kubelet.yaml`,
    `--kubeconfig=${kubeconfigFile("kubelet")}`,
    "--cert-dir=/run/kubelet",
    `--hostname-override=${nodeName}`,
    `--node-ip=${nodeAddress}`,
  ],
  "kube-proxy": ["kube-proxy", `--config=${etc}/kube-proxy.yaml`],
  // boot.sh hands it the first packet of each connection.
  "network-policies": ["network-policies", kubeconfigFile("network-policies"), nodeName],
  // The controller manager makes the folders of volumes for root alone (0750); a pod whose user is another could not
  // write. minikube's provisioner makes them 0777 too.
  "volume-modes": [
    "sh",
    "-c",
    'mkdir -p /tmp/hostpath_pv; inotifywait -q -m -e create --format %w%f /tmp/hostpath_pv | while read -r volume; do chmod 0777 "$volume"; done',
  ],
};

/** The names of the node's programs. */
export const nodePrograms: readonly string[] = Object.keys(commands);

const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

/** What runit runs for a program. Its log is kept below 16 MB: an older one is replaced at each start. */
function runScript(name: string, command: readonly string[]): string {
  const log = `/var/log/${name}.log`;
  return [
    "#!/bin/sh",
    `if [ -s ${log} ] && [ "$(stat -c %s ${log})" -gt 8388608 ]; then mv ${log} ${log}.old; fi`,
    `exec >>${log} 2>&1`,
    `exec ${command.map(quoted).join(" ")}`,
    "",
  ].join("\n");
}

const containerd = ({ pauseImage }: NodeOptions) => `version = 2
[grpc]
  address = "${containerdSocket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # A process without CAP_SYS_RESOURCE may not lower its oom_score_adj.
  restrict_oom_score_adj = true
  disable_apparmor = true
  # In the mount namespace of the node: they go with it.
  netns_mounts_under_state_dir = true
  # As containerd 2 does by default.
  enable_unprivileged_ports = true
  enable_unprivileged_icmp = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${etc}/cni"
`;

const cni = {
  cniVersion: "1.0.0",
  name: "sandbox",
  plugins: [
    {
      type: "bridge",
      bridge: "cni0",
      isGateway: true,
      ipMasq: true,
      hairpinMode: true,
      ipam: {
        type: "host-local",
        // Addresses of pods that went with an earlier node are free again.
        dataDir: "/run/cni",
        ranges: [[{ subnet: "10.244.0.0/16" }]],
        routes: [{ dst: "0.0.0.0/0" }],
      },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
};

const kubelet = ({ cgroup }: NodeOptions) => ({
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  containerRuntimeEndpoint: `unix://${containerdSocket}`,
  cgroupRoot: `/${cgroup}`,
  cgroupDriver: "cgroupfs",
  failCgroupV1: false,
  failSwapOn: false,
  enforceNodeAllocatable: ["pods"],
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: file("ca.crt") },
  },
  authorization: { mode: "Webhook" },
  tlsCertFile: file("kubelet.crt"),
  tlsPrivateKeyFile: file("kubelet.key"),
  clusterDNS: [clusterDns],
  clusterDomain: "cluster.local",
  resolvConf: `${etc}/resolv.conf`,
  volumePluginDir: "/run/kubelet/volume-plugins",
  // A full disk is the computer's business, and look-alike images cannot be pulled again.
  evictionHard: { "memory.available": "200Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
  imageGCHighThresholdPercent: 100,
  oomScoreAdj: 0,
  registerWithTaints: [],
});

const kubeProxy = {
  apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
  kind: "KubeProxyConfiguration",
  mode: "iptables",
  clientConnection: { kubeconfig: kubeconfigFile("proxy") },
  clusterCIDR: "10.244.0.0/16",
  hostnameOverride: nodeName,
  // The limits of connection tracking are the computer's.
  conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
};

/** A kubeconfig of one user, which names the files of its certificates. */
function kubeconfig(folder: string, user: string, server: string): string {
  const at = (name: string) => join(folder, name);
  const entry = (kind: string, value: object) => ({ [`${kind}s`]: [{ name: nodeName, [kind]: value }] });
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": nodeName,
    ...entry("cluster", { server, "certificate-authority": at("ca.crt") }),
    ...entry("user", { "client-certificate": at(`${user}.crt`), "client-key": at(`${user}.key`) }),
    ...entry("context", { cluster: nodeName, user: nodeName }),
  });
}

/** The kubeconfig of an administrator on this computer, where the API server has another address. */
export const userKubeconfig = (certificates: string, port: number): string =>
  kubeconfig(certificates, "admin", `https://127.0.0.1:${port}`);

/** Writes what the programs of the node read, below `folder`; the certificates are there already. */
export function writeNodeFiles(folder: string, options: NodeOptions): void {
  const write = (path: string, content: string | object, mode = 0o600) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true, mode: 0o755 });
    const text = typeof content === "string" ? content : JSON.stringify(content, undefined, 2);
    writeFileSync(join(folder, path), text, { mode });
  };
  write("containerd.toml", containerd(options));
  write("cni/10-sandbox.conflist", cni);
  write("kubelet.yaml", kubelet(options));
  write("kube-proxy.yaml", kubeProxy);
  write("resolv.conf", "search invalid\n", 0o644);
  write("hosts", "127.0.0.1 localhost\n", 0o644);
  for (const user of ["controller-manager", "scheduler", "proxy", "kubelet", "network-policies"])
    write(`kubeconfig/${user}`, kubeconfig(certificates, user, `https://${nodeAddress}:6443`));
  rmSync(join(folder, "services"), { recursive: true, force: true });
  for (const [name, command] of Object.entries(commands))
    write(`services/${name}/run`, runScript(name, command), 0o755);
}
