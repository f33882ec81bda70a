/** GraphiQL's own reader, against the real stream process at NEXUS_TEST_STREAM_URL. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { streamed } from "../../../schema/graphiql/static/stream.js";

const { NEXUS_TEST_STREAM_URL: url, NEXUS_TEST_DIGEST: id, NEXUS_TEST_TOKEN: token } = process.env;
const query = "subscription ($id: ID!) { digestProgress(id: $id) { status progress } }";

async function all(answers) {
  const found = [];
  for await (const answer of answers) {
    found.push(answer);
  }
  return found;
}

test("a finished digest is told and the stream ends", async () => {
  const answers = await all(streamed(url, { query, variables: { id } }, { Authorization: `JWT ${token}` }));
  assert.deepEqual(answers, [{ data: { digestProgress: { status: "READY", progress: 100 } } }]);
});

test("a refusal comes as an answer with a code", async () => {
  const [answer, ...more] = await all(streamed(url, { query, variables: { id } }, {}));
  assert.deepEqual(more, []);
  assert.equal(answer.errors[0].extensions.code, "NOT_FOUND");
});

test("leaving closes the connection at once", async () => {
  const answers = streamed(url, { query: "subscription { knowledgeChanged { kind } }" }, {});
  const waiting = answers.next();
  await new Promise((resolve) => setTimeout(resolve, 100));
  await answers.return();
  assert.deepEqual(await waiting, { value: undefined, done: true });
});
