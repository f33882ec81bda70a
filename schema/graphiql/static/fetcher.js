/** How GraphiQL reaches the server: queries and mutations by POST, subscriptions as a stream of events. */

import { streamed } from "./stream.js";

const ACCEPT = "application/graphql-response+json, application/json;q=0.9";

/** post(params, headers) sends one GraphQL request to `endpoint` and resolves to its answer. */
export function createPost(endpoint) {
  return async function post(params, headers) {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: ACCEPT, ...headers },
      body: JSON.stringify(params),
    });
    const text = await response.text();
    try {
      return JSON.parse(text);
    } catch {
      throw new Error(`The server answered ${response.status} with something that is not JSON:\n${text.slice(0, 500)}`);
    }
  };
}

/** GraphiQL's fetcher. The session's token goes with each request that has no Authorization of its own. */
export function createFetcher({ post, session, streamUrl }) {
  return async function fetcher(params, { headers = {}, documentAST } = {}) {
    const token = hasAuthorization(headers) ? null : await session.token();
    const sent = token === null ? headers : { ...headers, Authorization: `JWT ${token}` };
    if (isSubscription(documentAST, params.operationName)) {
      if (streamUrl === null) {
        throw new Error("This server does not serve subscriptions.");
      }
      return streamed(streamUrl, params, sent);
    }
    const answer = await post(params, sent);
    session.learn(answer, token);
    return answer;
  };
}

function hasAuthorization(headers) {
  return Object.keys(headers).some((name) => name.toLowerCase() === "authorization");
}

function isSubscription(documentAST, operationName) {
  const operations = (documentAST?.definitions ?? []).filter(({ kind }) => kind === "OperationDefinition");
  const chosen = operations.find(({ name }) => name?.value === operationName) ?? operations[0];
  return chosen?.operation === "subscription";
}
