import assert from "node:assert/strict";
import { test } from "node:test";

import { withoutSecrets } from "../../../schema/graphiql/static/storage.js";

const variables = (value) => JSON.stringify(value, null, 2);

test("passwords and tokens are left out of variables, which keep their layout", () => {
  for (const key of ["password", "oldPassword", "newPassword", "currentPassword", "token", "refreshToken"]) {
    assert.equal(withoutSecrets(variables({ name: "ama", [key]: 's3c"ret\\' })), variables({ name: "ama", [key]: "" }));
  }
});

test("at any depth, and in JSON within JSON", () => {
  const state = (password) => JSON.stringify({ tabs: [{ query: "{ a }", variables: variables({ input: { password } }) }] });
  assert.equal(withoutSecrets(state('s3c"ret')), state(""));
});

test("literals in a query, and variables that are still being typed", () => {
  assert.equal(
    withoutSecrets('mutation { tokenAuth(username: "ama", password: "s3c\\"ret") { token } }'),
    'mutation { tokenAuth(username: "ama", password: "") { token } }',
  );
  assert.equal(withoutSecrets('{"password": "s3c'), '{"password": ""');
});

test("everything else stays as it is", () => {
  for (const text of ["light", "0.5", "mutation ($token: String!) { verifyToken(token: $token) { payload } }", variables({ text: "password" })]) {
    assert.equal(withoutSecrets(text), text);
  }
});
