/** Who is signed in, beside the logo. */

const { createElement: h, useSyncExternalStore } = React;

export function Account({ session }) {
  const current = useSyncExternalStore(session.subscribe, session.current);
  if (current === null) {
    return h("span", { className: "nexus-account" }, "Not signed in");
  }
  return h(
    "span",
    { className: "nexus-account", title: "Requests carry Authorization: JWT …, until you sign out or leave this page." },
    current.username === null ? "Signed in" : `Signed in as ${current.username}`,
    h("button", { type: "button", className: "graphiql-un-styled", onClick: session.signOut }, "Sign out"),
  );
}
