import assert from "node:assert/strict";
import { readdirSync, rmSync } from "node:fs";
import { committedStacks } from "../render/program.ts";
import { resourceTree } from "../render/resource-tree.ts";
import { assertGoldenFiles, isUpdate } from "./support/golden.ts";
import { runStack } from "./support/pulumi.ts";

const folder = "test/golden";

describe("the committed stacks", () => {
  it(`register exactly the resources in ${folder}`, async function () {
    this.timeout("1m");
    const files: Record<string, string> = {};
    for (const stack of committedStacks())
      files[`${folder}/${stack}.txt`] = resourceTree((await runStack(stack)).resources);
    assertGoldenFiles(files);
  });

  it(`are the only ones that ${folder} lists`, () => {
    const gone = readdirSync(folder).filter((file) => !committedStacks().includes(file.slice(0, -4)));
    if (isUpdate) for (const file of gone) rmSync(`${folder}/${file}`);
    else
      assert.deepEqual(gone, [], "no stack file is committed for them; if that is meant: make test UPDATE=1");
  });
});
