import { shellWord } from "../../system/shell-command.ts";

/**
 * The command that makes a pull secret for the registry of some images, Docker Hub unless they are of another one.
 *
 * @param kubectl the command with its context and namespace.
 */
export function pullSecretCommand(kubectl: string, name: string, images: readonly string[]): string {
  const host = images.map((image) => image.replace(/\/.*/, "")).find((each) => each !== "docker.io");
  const server = host === undefined ? "" : ` ${shellWord(`--docker-server=${host}`)}`;
  return `${kubectl} create secret docker-registry ${name}${server} --docker-username=USER --docker-password=PASSWORD`;
}
