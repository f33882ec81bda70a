/**
 * Walks through the admin as staff would: signs in, looks at every page, gives somebody another role, signs out.
 *
 *   ADMIN_PASSWORD=… node tests/browser/admin.mjs http://127.0.0.1:8000/admin/ staff peer [folder for pictures]
 *
 * Fails where a page is not there, where anything is loaded from another origin, and on any console error, failed request
 * or violation of the pages' Content-Security-Policy.
 */

import { join } from "node:path";

import { withPage } from "./browser.mjs";

const [address, username, other, folder] = process.argv.slice(2);

await withPage(new URL(address).origin, async (page, problems) => {
  const picture = (name) =>
    folder === undefined ? undefined : page.screenshot({ path: join(folder, `${name}.png`), animations: "disabled" });
  await page.goto(address);
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password").fill(process.env.ADMIN_PASSWORD);
  await picture("sign-in");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByText(`Welcome, ${username}`).waitFor();
  await picture("index");
  const lists = await page.locator("#content-main a.viewlink").evaluateAll((links) => links.map((link) => link.href));
  for (const list of lists) {
    await page.goto(list);
    await page.locator("#changelist").waitFor();
    const rows = page.locator("#result_list tbody th a, #result_list tbody td a");
    const name = new URL(list).pathname.split("/").at(-2);
    await picture(`${name}-list`);
    if ((await rows.count()) > 0) {
      await rows.first().click();
      await page.locator(".readonly").first().waitFor();
      await picture(`${name}-detail`);
      for (const verb of await page.locator(".object-tools a").evaluateAll((links) => links.map((link) => link.href))) {
        await page.goto(verb);
        await page.locator(".submit-row input[type=submit]").waitFor();
        await picture(`${name}-${new URL(verb).pathname.split("/").at(-2)}`);
      }
    }
  }
  await page.goto(new URL(`knowledge/user/?q=${other}`, address).href);
  await page.getByRole("link", { name: other, exact: true }).click();
  await page.getByRole("link", { name: "Change role" }).click();
  await page.getByLabel("Role").selectOption("REVIEWER");
  await page.getByRole("button", { name: "Change role" }).click();
  await page.getByText(`${other} is REVIEWER from their next request on.`, { exact: false }).waitFor();
  await picture("changed");
  // Colours differ by a script of the page's own, which the policy must let run.
  await page.locator("#user-tools button.theme-toggle").click();
  await page.locator("html[data-theme]:not([data-theme=auto])").waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Username").waitFor();
  if (problems.length > 0) {
    throw new Error(`The admin works, but:\n  ${problems.join("\n  ")}`);
  }
  console.log(`The admin works: ${lists.length} lists, their rows, a change of role, colours, and signing out.`);
});
