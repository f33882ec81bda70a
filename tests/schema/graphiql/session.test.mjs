import assert from "node:assert/strict";
import { test } from "node:test";

import { createSession } from "../../../schema/graphiql/static/session.js";

const jwt = (claims) => `head.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.signature`;
const inSeconds = (seconds, more = {}) => jwt({ exp: Date.now() / 1000 + seconds, ...more });
const fresh = inSeconds(300);
const signedIn = (token, refreshToken = "r1") => ({
  data: { tokenAuth: { token, refreshToken, user: { username: "ama" } } },
});

/** A session whose server gives `answers` one after the other, and the requests it got. */
function sessionWith(...answers) {
  const sent = [];
  const session = createSession(async (params) => {
    sent.push(params.variables);
    return answers.shift();
  });
  return { session, sent };
}

test("nobody is signed in at first", async () => {
  const { session, sent } = sessionWith();
  assert.equal(session.current(), null);
  assert.equal(await session.token(), null);
  assert.deepEqual(sent, []);
});

test("signing in keeps the token and tells who listens", async () => {
  const { session, sent } = sessionWith();
  let told = 0;
  session.subscribe(() => told++);
  session.learn(signedIn(fresh));
  assert.equal(session.current().username, "ama");
  assert.equal(await session.token(), fresh);
  assert.equal(told, 1);
  assert.deepEqual(sent, []);
});

test("an answer without a token, or with one of another kind, changes nothing", () => {
  const { session } = sessionWith();
  session.learn({ data: { tokenAuth: null }, errors: [{ extensions: { code: "INVALID_CREDENTIALS" } }] });
  session.learn({ data: { personalAccessTokenCreate: { token: "secret" } } });
  session.learn({ errors: [{ message: "no data at all" }] });
  assert.equal(session.current(), null);
});

test("a token about to expire is refreshed, once for requests side by side", async () => {
  const { session, sent } = sessionWith({ data: { refreshToken: { token: fresh, refreshToken: "r2" } } });
  session.learn(signedIn(inSeconds(5)));
  assert.deepEqual(await Promise.all([session.token(), session.token()]), [fresh, fresh]);
  assert.deepEqual(sent, [{ refreshToken: "r1" }]);
  assert.equal(session.current().refreshToken, "r2");
  assert.equal(session.current().username, "ama");
});

test("a refused refresh signs out", async () => {
  const { session } = sessionWith({ data: { refreshToken: null }, errors: [{ extensions: { code: "TOKEN_INVALID" } }] });
  session.learn(signedIn(inSeconds(-1)));
  assert.equal(await session.token(), null);
  assert.equal(session.current(), null);
});

test("without a refresh token an expired token is dropped without asking", async () => {
  const { session, sent } = sessionWith();
  session.learn({ data: { tokenAuth: { token: inSeconds(-1) } } });
  assert.equal(await session.token(), null);
  assert.deepEqual(sent, []);
});

test("claims in base64url, and tokens that are no JSON Web Tokens, are taken as they come", async () => {
  for (const token of [inSeconds(300, { name: "??>>~~ÿ" }), "opaque"]) {
    const { session } = sessionWith();
    session.learn(signedIn(token));
    assert.equal(await session.token(), token);
  }
});

test("a token that the server refuses is dropped, but not for another's sake", () => {
  for (const code of ["TOKEN_EXPIRED", "TOKEN_INVALID"]) {
    const { session } = sessionWith();
    session.learn(signedIn(fresh));
    session.learn({ errors: [{ extensions: { code } }] }, null);
    session.learn({ errors: [{ extensions: { code } }] }, "an older token");
    session.learn({ errors: [{ extensions: { code: "FORBIDDEN" } }] }, fresh);
    assert.equal(session.current().token, fresh);
    session.learn({ errors: [{ extensions: { code } }] }, fresh);
    assert.equal(session.current(), null);
  }
});

test("signing out forgets at once and ends the session at the server", async () => {
  const { session, sent } = sessionWith({ data: { revokeToken: { revoked: 1 } } });
  session.learn(signedIn(fresh));
  const done = session.signOut();
  assert.equal(session.current(), null);
  await done;
  assert.deepEqual(sent, [{ refreshToken: "r1" }]);
});
