import { advise, step } from "../hints/hint.ts";
import type { CloudOperations } from "./cloud-operations.ts";

const clusterType = "gcp:container/cluster:Cluster";
const retained: Readonly<Record<string, string>> = {
  "gcp:storage/bucket:Bucket": "the copies of the backups are in it",
  "gcp:kms/keyRing:KeyRing": "Google deletes no key ring, ever; it costs nothing",
  "gcp:kms/cryptoKey:CryptoKey": "its versions are destroyed after 30 days; its name stays taken",
};

/**
 * A network endpoint group outlives cluster and Gateway by some minutes, at times for good
 * (hashicorp/terraform-provider-google#7637, murphye/cheap-gke-cluster#2). The provider asks for the network's deletion once
 * (resource_compute_network.go), and an operation that ends so is in none of its retries (error_retry_predicates.go).
 */
const inUse = /The network resource '[^']+' is already being used by\s+'([^'\s]+)'/;

/** GKE, seen by the launcher. */
export const gke = {
  title: "Google Cloud",
  // Two logins: the provider uses the application's default one, gke-gcloud-auth-plugin gcloud's own.
  login: { command: "gcloud auth login --update-adc", identity: "gcloud auth list" },
  loginEnded: {
    seen: '"error": "invalid_grant", "error_description": "reauth related error (rapt_required)"',
    // golang.org/x/oauth2, with the reason that Google gives: pulumi/pulumi-gcp#479.
    pattern: /"?invalid_grant"?[\s\S]{0,200}?(?:rapt|expired or revoked)|reauth related error/,
  },
  loginMissing: {
    seen: "failed to load application credentials",
    // pulumi-gcp, provider/resources.go (preConfigureCallback); golang.org/x/oauth2/google; and gcloud, which
    // gke-gcloud-auth-plugin asks (cloud-provider-gcp, cmd/gke-gcloud-auth-plugin/cred.go).
    pattern:
      /failed to load application credentials|could not find default credentials|do not currently have an active account selected/,
  },
  loginElsewhere: {
    seen: "Permission denied on resource project PROJECT",
    // Google's APIs (USER_PROJECT_DENIED).
    pattern:
      /(?:Permission denied on resource project|required permission to use project) (\S+?)[.,]*(?:\s|$)/,
    found: ([, project = ""]) => `not of project ${project}`,
    settings: ["gcp:project"],
  },
  hints: [
    {
      seen: "Compute Engine API has not been used in project PROJECT before or it is disabled",
      // Google's APIs for some minutes after one was turned on (SERVICE_DISABLED): terraform-provider-google#24094.
      pattern: /([\w ]+ API) has not been used in project (\w[\w.:-]*) before or it is disabled/,
      advice: ({ again }, [, api = "", project = ""]) =>
        advise(
          `Google has not taken note yet that the ${api.trim()} is on: that takes minutes in a new project. Nothing is lost.`,
          step("Fix: wait a few minutes, then continue from there:", again),
          step(
            "Two APIs that the stack does not turn on itself:",
            `gcloud services enable cloudresourcemanager.googleapis.com serviceusage.googleapis.com --project ${project}`,
          ),
        ),
    },
    {
      seen: "The network resource 'projects/PROJECT/global/networks/NAME' is already being used by 'projects/PROJECT/zones/ZONE/networkEndpointGroups/GROUP'",
      pattern: inUse,
      advice: ({ again }, [, user = ""]) => {
        const [, project = "", place = "", group] =
          /projects\/(\w[\w.:-]*)\/(\w+(?:\/\w[\w-]*)?)\/networkEndpointGroups\/(\w[\w-]*)$/.exec(user) ?? [];
        const [kind = "", name = ""] = place.split("/");
        const remove = `gcloud compute network-endpoint-groups delete ${group ?? ""} --project ${project}`;
        return advise(
          `The network is still in use by ${user}. Google removes what a cluster made some minutes after it, and not always.`,
          ...(group === undefined
            ? []
            : [step("Where it stays, delete it:", `${remove} --${kind.replace(/s$/, "")} ${name}`)]),
          step("Then continue from there:", again),
        );
      },
    },
  ],
  inUse,
  clusterType,
  version: { output: "masterVersion", movesOn: true },
  retained: ({ type }) => retained[type],
  leftoverCommands: (stack, names, { project = "PROJECT" }) => [
    // It needs cloudasset.googleapis.com, which nothing else here does; the others need no API beside the stack's own.
    `gcloud asset search-all-resources --scope=projects/${project} --query=labels.stack=${stack}`,
    ...names(clusterType).map(
      (name) =>
        `gcloud compute disks list --project ${project} --filter=labels.goog-k8s-cluster-name=${name}`,
    ),
    // These carry no label: hashicorp/terraform-provider-google#5948.
    ...names("gcp:compute/network:Network").flatMap((name) =>
      ["firewall-rules", "network-endpoint-groups"].map(
        (kind) => `gcloud compute ${kind} list --project ${project} --filter=network~/${name}$`,
      ),
    ),
  ],
} as const satisfies CloudOperations;
