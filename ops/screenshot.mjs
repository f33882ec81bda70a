/**
 * Walks through GraphiQL in a headless Chromium as a first-time visitor would, and writes a screenshot of it.
 *
 *   node ops/screenshot.mjs http://127.0.0.1:8000/graphql [docs/images/graphiql.png]
 *
 * Fails where documentation, completion or a query does not work, where anything is loaded from another origin, and on
 * any console error, failed request or violation of the page's Content-Security-Policy.
 * Needs `npm ci` in tests/browser, and Chromium: CHROMIUM names its executable, /usr/bin/chromium by default.
 */

import { createRequire } from "node:module";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const { chromium } = createRequire(new URL("../tests/browser/package.json", import.meta.url))("playwright-core");

const IMAGE = fileURLToPath(new URL("../docs/images/graphiql.png", import.meta.url));
const VIEWPORT = { width: 1440, height: 900 };
const PATIENCE_MS = 20_000;
// Whatever would make a browser call home has no place in a check that nothing leaves this origin.
const FLAGS = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
];

const [address, image = IMAGE] = process.argv.slice(2);
if (address === undefined) {
  console.error("usage: node ops/screenshot.mjs ADDRESS [IMAGE]");
  process.exit(2);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: FLAGS,
  chromiumSandbox: process.getuid?.() !== 0,
});
try {
  const page = await browser.newPage({ viewport: VIEWPORT, colorScheme: "light", locale: "en-GB" });
  page.setDefaultTimeout(PATIENCE_MS);
  const problems = await watched(page, new URL(address).origin);
  await page.goto(address);
  await openDocumentation(page);
  await runFirstExample(page);
  await mkdir(dirname(image), { recursive: true });
  await page.mouse.move(0, 0);
  await page.screenshot({ path: image, animations: "disabled" });
  await tryCompletion(page);
  if (problems.length > 0) {
    throw new Error(`GraphiQL works, but:\n  ${problems.join("\n  ")}`);
  }
  console.log(`GraphiQL works: documentation, completion and a query. Screenshot: ${image}`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await browser.close();
}

/** The list that everything is added to which a visitor should never meet. */
async function watched(page, origin) {
  const problems = [];
  page.on("console", (message) => message.type() === "error" && problems.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => problems.push(`script: ${error.message}`));
  page.on("requestfailed", (request) => problems.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on("response", (response) => response.status() >= 400 && problems.push(`${response.status()}: ${response.url()}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && !["data:", "blob:"].includes(url.protocol)) {
      problems.push(`another origin: ${request.url()}`);
    }
  });
  await page.exposeFunction("reportViolation", (violation) => problems.push(`policy: ${violation}`));
  await page.addInitScript(() =>
    document.addEventListener("securitypolicyviolation", (event) =>
      window.reportViolation(`${event.violatedDirective} ${event.blockedURI}`),
    ),
  );
  return problems;
}

/** Root types stand in the pane only once the schema has been fetched and understood. */
async function openDocumentation(page) {
  await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
  const pane = page.locator(".graphiql-plugin");
  await pane.getByRole("link", { name: "Query", exact: true }).click();
  await pane.getByRole("link", { name: "tags", exact: true }).waitFor();
}

/** The first tab is open, its example written out. */
async function runFirstExample(page) {
  await page.getByRole("button", { name: /^Execute query/ }).click();
  const answer = await page.waitForFunction(() => {
    const text = document.querySelector(".graphiql-response .CodeMirror")?.CodeMirror.getValue();
    return text?.trim() ? text : null;
  });
  const { data, errors } = JSON.parse(await answer.jsonValue());
  if (errors !== undefined || !Array.isArray(data?.tags?.nodes)) {
    throw new Error(`The first example answered:\n${JSON.stringify({ errors, data }, null, 2).slice(0, 2000)}`);
  }
}

/** Offers `tags` for `ta`, in a new tab. */
async function tryCompletion(page) {
  await page.getByRole("button", { name: "New tab" }).click();
  await page.locator(".graphiql-query-editor .CodeMirror").click();
  await page.keyboard.type("{ ta");
  await page.keyboard.press("Control+Space");
  await page.locator(".CodeMirror-hints").getByText(/^tags\b/).first().waitFor();
}
