/** Puts the page together: GraphiQL with our fetcher, session, storage, plugins and example tabs. */

import { Account } from "./account.js";
import { exampleTabs, examplesPlugin } from "./examples.js";
import { createFetcher, createPost } from "./fetcher.js";
import { createSession } from "./session.js";
import { storage } from "./storage.js";

const { createElement: h } = React;
const { endpoint, streamUrl, examples } = JSON.parse(document.getElementById("config").textContent);

const post = createPost(endpoint);
const session = createSession(post);
// Made once: GraphiQL fetches the schema anew whenever it is given another fetcher.
const props = {
  fetcher: createFetcher({ post, session, streamUrl }),
  storage,
  plugins: [GraphiQLPluginExplorer.explorerPlugin(), examplesPlugin(examples)],
  defaultTabs: exampleTabs(examples),
  defaultQuery: "",
  defaultEditorToolsVisibility: "variables",
  inputValueDeprecation: true,
  schemaDescription: true,
  // A token in a tab's headers is not for the disk.
  shouldPersistHeaders: false,
};

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  h(GraphiQL, props, h(GraphiQL.Logo, null, h(Account, { session }), h("span", { className: "nexus-logo" }, "Nexus"))),
);
