import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";

import { createFetcher, createPost } from "../../../schema/graphiql/static/fetcher.js";
import { createSession } from "../../../schema/graphiql/static/session.js";

const SUBSCRIPTION = { definitions: [{ kind: "OperationDefinition", operation: "subscription", name: { value: "S" } }] };

/** Runs `use` with a fetcher that talks to an HTTP server answering with `answer(request, response, body)`. */
async function withServer(answer, use) {
  const server = createServer(async (request, response) => {
    request.setEncoding("utf8");
    answer(request, response, JSON.parse((await request.toArray()).join("")));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = `http://127.0.0.1:${server.address().port}/graphql`;
  const post = createPost(address);
  const session = createSession(post);
  try {
    await use(createFetcher({ post, session, streamUrl: `${address}/stream` }), { post, session, server });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function json(response, value, status = 200) {
  response.writeHead(status, { "Content-Type": "application/graphql-response+json" }).end(JSON.stringify(value));
}

test("a request goes out as JSON and its answer comes back, also when it is refused", async () => {
  const seen = [];
  const answer = (request, response, body) => {
    seen.push([request.method, request.headers["content-type"], request.headers.accept, body]);
    json(response, { errors: [{ message: "no" }] }, 400);
  };
  await withServer(answer, async (fetcher) => {
    assert.deepEqual(await fetcher({ query: "{ a }" }), { errors: [{ message: "no" }] });
  });
  assert.deepEqual(seen, [
    ["POST", "application/json", "application/graphql-response+json, application/json;q=0.9", { query: "{ a }" }],
  ]);
});

test("an answer that is no JSON is shown as what it is", async () => {
  await withServer((request, response) => response.writeHead(502).end("<h1>Bad gateway</h1>"), async (fetcher) => {
    await assert.rejects(fetcher({ query: "{ a }" }), /answered 502 with something that is not JSON:\n<h1>Bad gateway/);
  });
});

test("signing in by a request makes the next ones carry the token, unless they bring their own", async () => {
  const authorizations = [];
  const answer = (request, response, body) => {
    authorizations.push(request.headers.authorization);
    json(response, { data: body.query === "sign in" ? { tokenAuth: { token: "t1" } } : {} });
  };
  await withServer(answer, async (fetcher) => {
    await fetcher({ query: "{ a }" });
    await fetcher({ query: "sign in" });
    await fetcher({ query: "{ a }" }, { headers: { "X-Other": "1" } });
    await fetcher({ query: "{ a }" }, { headers: { authorization: "JWT mine" } });
  });
  assert.deepEqual(authorizations, [undefined, undefined, "JWT t1", "JWT mine"]);
});

test("a subscription's events come one by one until it is complete", async () => {
  const answer = (request, response, body) => {
    assert.equal(request.url, "/graphql/stream");
    assert.equal(request.headers.accept, "text/event-stream");
    assert.equal(body.operationName, "S");
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    const wire = ':\n\nevent: next\ndata: {"data":{"é":1}}\n\n: alive\n\nevent: next\r\ndata: {"data":\r\ndata: 2}\r\n\r\nevent: complete\ndata:\n\n';
    // Cut inside a character, a line and a block: what is read must not depend on how it arrives.
    for (const byte of Buffer.from(wire)) {
      response.write(Buffer.of(byte));
    }
  };
  await withServer(answer, async (fetcher) => {
    const answers = await fetcher({ query: "subscription S { a }", operationName: "S" }, { documentAST: SUBSCRIPTION });
    assert.deepEqual(await collected(answers), [{ data: { é: 1 } }, { data: 2 }]);
  });
});

test("a refused subscription answers once", async () => {
  await withServer((request, response) => json(response, { errors: [{ message: "no" }] }, 401), async (fetcher) => {
    const answers = await fetcher({ query: "subscription S { a }", operationName: "S" }, { documentAST: SUBSCRIPTION });
    assert.deepEqual(await collected(answers), [{ errors: [{ message: "no" }] }]);
  });
});

test("stopping closes the connection while it waits for an event", async () => {
  let closed;
  const answer = (request, response) => {
    closed = once(response, "close");
    response.writeHead(200, { "Content-Type": "text/event-stream" }).write('event: next\ndata: {"data":1}\n\n');
  };
  await withServer(answer, async (fetcher) => {
    const answers = await fetcher({ query: "subscription S { a }", operationName: "S" }, { documentAST: SUBSCRIPTION });
    assert.deepEqual((await answers.next()).value, { data: 1 });
    const waiting = answers.next();
    await answers.return();
    assert.deepEqual(await waiting, { value: undefined, done: true });
    await closed;
  });
});

test("without a stream, subscriptions are refused by name", async () => {
  await withServer(() => {}, async (fetcher, { post, session }) => {
    const streamless = createFetcher({ post, session, streamUrl: null });
    await assert.rejects(streamless({ query: "subscription S { a }" }, { documentAST: SUBSCRIPTION }), /does not serve subscriptions/);
  });
});

async function collected(answers) {
  const all = [];
  for await (const answer of answers) {
    all.push(answer);
  }
  return all;
}
