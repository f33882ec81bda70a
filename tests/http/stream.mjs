// What graphql-sse's own client hears of a digest: a line of JSON for each result, and "complete" at the end.
// Usage: node stream.mjs URL DIGEST [TOKEN]
import { createClient } from 'graphql-sse';

const query = 'subscription ($id: ID!) { digestProgress(id: $id) { status progress } }';
const [url, id, token] = process.argv.slice(2);
const client = createClient({ url, headers: token ? { Authorization: `JWT ${token}` } : {}, retryAttempts: 0 });
for await (const result of client.iterate({ query, variables: { id } })) {
  console.log(JSON.stringify(result));
}
console.log('"complete"');
client.dispose();
