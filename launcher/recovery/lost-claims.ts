/**
 * Claims that the state knows and the cluster does not have any more, from the CLI's own lines for a preview with
 * refresh: what was refreshed, and is made nevertheless, was gone.
 */
export function lostClaims(preview: string): string[] {
  const named = (operation: string) =>
    [...preview.matchAll(/^ [~+] +kubernetes:core\/v1:PersistentVolumeClaim (\S+) (\w+) *$/gm)].flatMap(
      ([, name = "", seen]) => (seen === operation ? [name] : []),
    );
  const refreshed = new Set(named("refresh"));
  return named("create")
    .filter((name) => refreshed.has(name))
    .sort();
}

/** What became of them: empty when none was lost. */
export function lostText(claims: readonly string[]): string {
  return claims.length === 0
    ? ""
    : `Data was lost in the cluster, not by this run: ${claims.join(", ")} ${claims.length === 1 ? "was" : "were"} gone. ` +
        "Made anew, and empty: bring back what is needed from a backup.\n";
}
