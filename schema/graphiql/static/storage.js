/** What GraphiQL remembers between visits, kept in localStorage without the values of passwords and tokens. */

const SECRET_KEY = /(?:password|token)$/i;
// The same, where a text is no JSON: in a query, or in variables that are still being typed.
const SECRET_IN_TEXT = /(\w*(?:password|token)"?\s*:\s*)"(?:[^"\\]|\\.)*(?:"|$)/gi;

/** `text` as it may be stored: GraphiQL's state is JSON, in which variables are JSON once more. */
export function withoutSecrets(text) {
  const value = parsed(text);
  if (value === undefined) {
    return text.replace(SECRET_IN_TEXT, '$1""');
  }
  return JSON.stringify(value, cleaned, text.includes("\n") ? 2 : 0);
}

function cleaned(key, value) {
  if (typeof value !== "string") {
    return value;
  }
  return SECRET_KEY.test(key) ? "" : withoutSecrets(value);
}

/** The object or list that `text` is as JSON; undefined for everything else. */
function parsed(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

export const storage = {
  getItem: (key) => localStorage.getItem(key),
  setItem: (key, value) => localStorage.setItem(key, withoutSecrets(value)),
  removeItem: (key) => localStorage.removeItem(key),
  clear: () => ours().forEach((key) => localStorage.removeItem(key)),
  get length() {
    return ours().length;
  },
};

function ours() {
  return Object.keys(localStorage).filter((key) => key.startsWith("graphiql:"));
}
