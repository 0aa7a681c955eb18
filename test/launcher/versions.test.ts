import assert from "node:assert/strict";
import { versions } from "../../launcher/commands/versions.ts";
import { withFiles } from "../support/files.ts";

/** The lines of `make versions` for stack files, and the exit code that it sets. */
function told(files: Readonly<Record<string, string>>, DAYS?: string) {
  let text = "";
  const before = process.exitCode;
  try {
    process.exitCode = undefined;
    withFiles(files, (root) => {
      void versions({
        command: "versions",
        root,
        env: { DAYS },
        write: () => undefined,
        log: (line) => (text += `${line}\n`),
      });
    });
    return { lines: text.trimEnd().split("\n"), code: process.exitCode };
  } finally {
    process.exitCode = before;
  }
}
const file = (cluster: string) => `config:\n  cluster: ${cluster}\n`;

describe("make versions", () => {
  it("tells every stack that makes its cluster, however its file is written, and no other", () => {
    const { lines, code } = told(
      {
        "Pulumi.a.yaml": file("{provider: eks, kubernetesVersion: '1.36'}"),
        "Pulumi.b.yaml": file(`'{"provider": "gke"}'`),
        "Pulumi.c.yaml": file("{provider: minikube}"),
        "Pulumi.d.yaml": "",
        "Pulumi.yaml": "name: multi-client\n",
      },
      "-10000",
    );
    assert.equal(lines.length, 2);
    assert.match(
      lines[0] ?? "",
      /^Pulumi\.a\.yaml: Kubernetes 1\.36 on eks: until 2027-08-02, -?\d+ days \(https:/,
    );
    assert.match(lines[1] ?? "", /^Pulumi\.b\.yaml: Kubernetes 1\.36 on gke: until about 2027-06-28/);
    assert.equal(code, undefined);
  });

  it("fails for a version that ends too soon, that is not known, and for a file that cannot be read", () => {
    const near = told({ "Pulumi.a.yaml": file("{provider: eks}") }, "100000");
    assert.equal(near.code, 1);
    const unknown = told({ "Pulumi.a.yaml": file("{provider: aks, kubernetesVersion: '1.20'}") });
    assert.equal(unknown.code, 1);
    assert.match(unknown.lines.join(), /Kubernetes 1\.20 on aks: not in config\/clouds\/aks\.ts/);
    const broken = told(
      { "Pulumi.a.yaml": "config: [1]\n", "Pulumi.b.yaml": file("{provider: eks}") },
      "-10000",
    );
    assert.equal(broken.code, 1);
    assert.match(broken.lines.join("\n"), /^Pulumi\.a\.yaml cannot be used: .*\nFix: .*\nPulumi\.b\.yaml: /);
  });

  it("refuses a number of days that is none", () => {
    assert.throws(() => told({}, "soon"), /DAYS is "soon"\.\nExpected: a number of days/);
  });
});
