/**
 * Who is signed in on this page. Tokens are held in memory alone: leaving the page forgets them.
 *
 * createSession(post) takes `post(params, headers)`, which sends a GraphQL request and resolves to its answer.
 */

const REFRESH = "mutation RefreshSession($refreshToken: String) { refreshToken(refreshToken: $refreshToken) { token refreshToken } }";
const REVOKE = "mutation EndSession($refreshToken: String) { revokeToken(refreshToken: $refreshToken) { revoked } }";

// Mutations whose answers carry the session's new tokens. A personal access token, for one, is none of them.
const GIVE_TOKENS = ["tokenAuth", "refreshToken", "passwordChange"];
const DEAD_TOKEN = ["TOKEN_EXPIRED", "TOKEN_INVALID"];
const REFRESH_BEFORE_EXPIRY_MS = 15_000;

export function createSession(post) {
  let current = null;
  let refreshing = null;
  const listeners = new Set();

  function become(next) {
    current = next;
    listeners.forEach((listener) => listener());
  }

  /** Takes the tokens out of an answer, if it gives any, and drops ours when the server refused it. */
  function learn(answer, sentToken = null) {
    const given = GIVE_TOKENS.map((name) => answer.data?.[name]).find((value) => value?.token);
    if (given) {
      become({
        token: given.token,
        refreshToken: given.refreshToken ?? null,
        username: given.user?.username ?? current?.username ?? null,
        expiresAt: expiry(given.token),
      });
    } else if (sentToken !== null && sentToken === current?.token && refused(answer)) {
      become(null);
    }
  }

  async function refresh() {
    const { refreshToken } = current;
    const answer = refreshToken === null ? {} : await post({ query: REFRESH, variables: { refreshToken } }, {});
    if (answer.data?.refreshToken?.token) {
      learn(answer);
    } else {
      become(null);
    }
  }

  /** The token to send, refreshed shortly before it expires; null when nobody is signed in. */
  async function token() {
    if (current !== null && Date.now() > current.expiresAt - REFRESH_BEFORE_EXPIRY_MS) {
      // A refresh token serves once, and one used twice ends the session: requests side by side share one refresh.
      refreshing ??= refresh().finally(() => {
        refreshing = null;
      });
      await refreshing;
    }
    return current?.token ?? null;
  }

  async function signOut() {
    const refreshToken = current?.refreshToken ?? null;
    become(null);
    if (refreshToken !== null) {
      await post({ query: REVOKE, variables: { refreshToken } }, {});
    }
  }

  return {
    learn,
    token,
    signOut,
    current: () => current,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function refused(answer) {
  return (answer.errors ?? []).some((error) => DEAD_TOKEN.includes(error.extensions?.code));
}

/** When a JSON Web Token expires, in milliseconds since 1970; never, where it does not say. */
function expiry(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const { exp } = JSON.parse(atob(payload));
    return typeof exp === "number" ? exp * 1000 : Infinity;
  } catch {
    return Infinity;
  }
}
