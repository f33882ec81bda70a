/**
 * Walks through GraphiQL in a headless Chromium as a first-time visitor would, and writes a screenshot of it.
 *
 *   node ops/screenshot.mjs http://127.0.0.1:8000/graphql [docs/images/graphiql.png]
 *
 * Fails where documentation, completion or a query does not work, where anything is loaded from another origin, and on
 * any console error, failed request or violation of the page's Content-Security-Policy.
 * Needs `npm ci` in tests/browser, and Chromium: CHROMIUM names its executable, /usr/bin/chromium by default.
 */

import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

import { withPage } from "../tests/browser/browser.mjs";

const IMAGE = fileURLToPath(new URL("../docs/images/graphiql.png", import.meta.url));

const [address, image = IMAGE] = process.argv.slice(2);
if (address === undefined) {
  console.error("usage: node ops/screenshot.mjs ADDRESS [IMAGE]");
  process.exit(2);
}

await withPage(new URL(address).origin, async (page, problems) => {
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
});

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
