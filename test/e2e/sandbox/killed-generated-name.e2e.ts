import { killedCases } from "../killed.ts";

describe("an engine killed while it makes an object whose name the plugin makes", () => {
  killedCases("ConfigMap");
});
