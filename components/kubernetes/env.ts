import type { Input, Output } from "@pulumi/pulumi";
import type { core } from "@pulumi/kubernetes/types/input.js";

/** A value as text, or a key of a Secret that the kubelet reads when it starts the container. */
export type EnvValue = string | Output<string> | { readonly secretName: Input<string>; readonly key: string };

/** The `env` of a container from a plain record; secrets stay references, never literals. */
export function envVars(env: Readonly<Record<string, EnvValue>>): core.v1.EnvVar[] {
  return Object.entries(env).map(([name, value]) =>
    typeof value !== "string" && "secretName" in value
      ? { name, valueFrom: { secretKeyRef: { name: value.secretName, key: value.key } } }
      : { name, value },
  );
}
