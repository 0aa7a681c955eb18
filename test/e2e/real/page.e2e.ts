import assert from "node:assert/strict";
import { messageOf } from "../../../system/errors.ts";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { asker } from "../../../smoke/http-client.ts";
import { certificate, key } from "../../support/tls.ts";
import { startBrowser } from "../browser.ts";
import { until } from "../cluster.ts";
import { FAILURES } from "../hooks.ts";
import { quickEnds } from "../stack.ts";
import { measured, openStack, works, type OpenStack } from "../traffic.ts";

describe("the page at the stack's url", () => {
  let open: OpenStack;
  let browser: Browser | undefined;
  let noBrowser = "";
  const urlOf = async () => (await open.stack.must("stack", "output", "url")).stdout.trim();

  before(async () => {
    const started = startBrowser().catch((error: unknown) => {
      noBrowser = messageOf(error);
      return undefined;
    });
    open = await openStack("page");
    quickEnds(open.stack);
    await open.stack.up();
    browser = await started;
  });
  after(async () => {
    await browser?.close();
    await open.stack.destroy();
  });

  /** Enters a number in the page, waits for its value on it, and keeps a picture. */
  async function enter(chromium: Browser, number: string, value: string, picture: string): Promise<string> {
    const page = await chromium.newPage({
      viewport: { width: 720, height: 330 },
      ignoreHTTPSErrors: true, // nobody signed the test's certificate
    });
    const begin = Date.now();
    await page.goto(await urlOf());
    await page.locator("form input").fill(number);
    const posted = page.waitForResponse((answer) => answer.request().method() === "POST");
    await page.locator("form button").click();
    await posted;
    const shown = new RegExp(
      `^Indexes I have seen:\\s.*\\b${number}\\b[^]*^For index ${number} I calculated ${value}$`,
      "m",
    );
    // The original page shows what is new when it is loaded again, the look-alike by itself.
    await until(`the page shows ${number} and ${value}`, async () => {
      if (shown.test(await page.locator("#root").innerText())) return true;
      await page.reload();
      return undefined;
    });
    measured(`${number} entered, ${value} shown after ${((Date.now() - begin) / 1000).toFixed(1)} s`);
    mkdirSync(FAILURES, { recursive: true });
    await page.screenshot({ path: join(FAILURES, picture) });
    const address = page.url();
    await page.close();
    return address;
  }

  it("a browser shows it; a number is entered, and its value appears", async function () {
    if (browser === undefined) {
      measured(`no browser: ${noBrowser}`);
      this.skip();
    }
    assert.equal(await enter(browser, "7", "21", "page.png"), `${open.url}/`);
  });

  it("with TLS, HTTPS has the certificate, and HTTP leads there", async () => {
    const { stack, url } = open;
    const exposure = { type: "nodePort", nodePort: Number(new URL(url).port), tls: { certificate } };
    stack.configure({ exposure });
    await stack.must("config", "set", "--secret", "--path", "multi-client:exposure.tls.key", "--", key);
    await stack.must("up", "--yes", "--skip-preview");
    const secure = url.replace("http:", "https:");
    assert.equal(await urlOf(), `${secure}/`);
    await works(asker({ url: secure, certificate }, 5));
    const answer = await fetch(`${url}/api/values/all?a=b`, { redirect: "manual" });
    assert.deepEqual([answer.status, answer.headers.get("location")], [301, `${secure}/api/values/all?a=b`]);
  });

  it("the browser does the same over HTTPS", async function () {
    if (browser === undefined) {
      measured(`no browser: ${noBrowser}`);
      this.skip();
    }
    assert.equal(
      await enter(browser, "8", "34", "page-https.png"),
      `${open.url.replace("http:", "https:")}/`,
    );
  });
});
