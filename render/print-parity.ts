import { format } from "prettier";
import { parity } from "./parity.ts";
import { committedStacks } from "./program.ts";

process.stdout.write(await format(await parity(committedStacks()), { parser: "markdown" }));
