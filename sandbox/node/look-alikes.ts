import type { LookAlike } from "../images/build-images.ts";

/**
 * The policy by which the API server puts look-alikes in the place of images: in pods only, so that every Deployment and
 * StatefulSet stays as the program wrote it. An image of another repository stays as it is.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/
 */
export function lookAlikePolicy(images: readonly LookAlike[]): readonly object[] {
  const name = "look-alikes";
  const apiVersion = "admissionregistration.k8s.io/v1";
  const map = JSON.stringify(
    Object.fromEntries(images.map(({ replaces, name: image }) => [replaces, image])),
  );
  // Without digest, tag, and the names of the default registry.
  const repository = `c.image.split("@")[0].split(":")[0].replace("docker.io/", "").replace("library/", "")`;
  const containers = (kind: string) =>
    `${kind}: object.spec.?${kind}.orValue([]).map(c, Object.spec.${kind}{` +
    `name: c.name, image: variables.images[?${repository}].orValue(c.image)})`;
  return [
    {
      apiVersion,
      kind: "MutatingAdmissionPolicy",
      metadata: { name },
      spec: {
        failurePolicy: "Fail",
        reinvocationPolicy: "Never",
        matchConstraints: {
          resourceRules: [
            { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] },
          ],
        },
        variables: [{ name: "images", expression: map }],
        mutations: [
          {
            patchType: "ApplyConfiguration",
            applyConfiguration: {
              expression: `Object{spec: Object.spec{${containers("containers")}, ${containers("initContainers")}}}`,
            },
          },
        ],
      },
    },
    {
      apiVersion,
      kind: "MutatingAdmissionPolicyBinding",
      metadata: { name },
      spec: { policyName: name },
    },
  ];
}

/**
 * Finds the images that neither have a look-alike nor are one: a node of look-alikes cannot start their pods, unless it has a
 * registry on its own loopback.
 *
 * @param references the images that pods name, with registry and repository spelt out.
 */
export function withoutLookAlike(references: readonly string[], images: readonly LookAlike[]): string[] {
  const known = images.flatMap(({ name, replaces }) => [name.replace(/:.*/, ""), replaces]);
  const repositories = references
    .filter((reference) => !/^(?:localhost|127\.0\.0\.1)[:/]/.test(reference))
    .map((reference) => reference.replace(/[:@].*/, "").replace(/^docker\.io\/(?:library\/)?/, ""));
  return repositories.filter((repository) => !known.includes(repository));
}
