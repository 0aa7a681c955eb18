// The answers of clouds, where there is no cloud: values that only they know are placeholders.
import { clouds } from "../config/clouds/index.ts";

/** The packages of the clouds' resources: settings of the account are those of the same providers. */
const packages = new Set(
  Object.values(clouds).flatMap(({ account }) => Object.values(account).map(({ key }) => key.split(":")[0])),
);

/** Tells whether a type is a resource of a cloud. */
export function isCloudType(type: string): boolean {
  return packages.has(type.split(":")[0]);
}

/** The outputs that this program reads and only a cloud knows, each as the text `<name.property>`. */
export function cloudOutputs(name: string): Record<string, unknown> {
  const fields = ["name", "arn", "endpoint", "createdAt", "principalId", "clientId", "tenantId", "email"];
  const more = ["member", "selfLink", "fqdn", "privateFqdn", "ipAddress", "number", "oidcIssuerUrl"];
  return {
    ...Object.fromEntries([...fields, ...more, "ownerId"].map((field) => [field, `<${name}.${field}>`])),
    certificateAuthority: { data: `<${name}.certificateAuthority>` },
    controlPlaneEndpointsConfig: { dnsEndpointConfig: { endpoint: `<${name}.dnsEndpoint>` } },
    identityProfile: { kubeletidentity: { objectId: `<${name}.kubeletidentity.objectId>` } },
    vpcConfig: { clusterSecurityGroupId: `<${name}.clusterSecurityGroupId>` },
    masterAuth: { clusterCaCertificate: `<${name}.clusterCaCertificate>` },
  };
}

/** The answer of a cloud to the one function that this program calls; undefined for any other. */
export function cloudAnswer(
  token: string,
  asked: Record<string, unknown>,
): Record<string, unknown> | undefined {
  if (token !== "azure-native:containerservice:listManagedClusterUserCredentials") return undefined;
  const name = String(asked.resourceName).replace(/^<(.*)\.name>$/, "$1");
  const cluster = {
    server: `<${name}.server>`,
    "certificate-authority-data": `<${name}.certificateAuthority>`,
  };
  const kubeconfig = JSON.stringify({ clusters: [{ name, cluster }] });
  return { kubeconfigs: [{ name: "clusterUser", value: Buffer.from(kubeconfig).toString("base64") }] };
}
