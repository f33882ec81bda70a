/** The example operations: as GraphiQL's first tabs, and as a pane that opens any of them in a new tab. */

const { createElement: h } = React;
const { useEditorContext } = GraphiQL.React;

export function exampleTabs(examples) {
  return examples.map(({ query, variables }) => ({ query, variables }));
}

export function examplesPlugin(examples) {
  function Examples() {
    const { addTab, queryEditor, variableEditor } = useEditorContext({ nonNull: true });

    function open({ query, variables }) {
      // The new tab must be there, with GraphiQL's default text in it, before its text is replaced.
      ReactDOM.flushSync(addTab);
      queryEditor.setValue(query);
      variableEditor.setValue(variables);
    }

    return h(
      "section",
      { "aria-label": "Examples" },
      h("div", { className: "nexus-examples-title" }, "Examples"),
      h("p", null, "Each opens in a new tab, with times that count from now."),
      h(
        "ul",
        { className: "nexus-examples" },
        examples.map((example) =>
          h("li", { key: example.title }, h("button", { type: "button", onClick: () => open(example) }, example.title)),
        ),
      ),
    );
  }

  return { title: "Examples", icon: Lamp, content: Examples };
}

function Lamp(props) {
  return h(
    "svg",
    { viewBox: "0 0 24 24", width: "1em", height: "1em", fill: "none", stroke: "currentColor", strokeWidth: 1.5, ...props },
    h("path", { d: "M9 18h6M10 21h4M12 3a6 6 0 0 0-4 10.5c.8.8 1 1.5 1 2.5h6c0-1 .2-1.7 1-2.5A6 6 0 0 0 12 3Z" }),
  );
}
