/** A headless Chromium that remembers everything a visitor should never meet. CHROMIUM names its executable. */

import { createRequire } from "node:module";

const { chromium } = createRequire(import.meta.url)("playwright-core");

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

/** Has `visit` a page, and a list of what was wrong with it, for as long as it takes. `origin` is where all comes from. */
export async function withPage(origin, visit) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: FLAGS,
    chromiumSandbox: process.getuid?.() !== 0,
  });
  try {
    const page = await browser.newPage({ viewport: VIEWPORT, colorScheme: "light", locale: "en-GB" });
    page.setDefaultTimeout(PATIENCE_MS);
    await visit(page, await watched(page, origin));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  } finally {
    await browser.close();
  }
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
