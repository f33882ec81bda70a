// The GraphQL-over-HTTP audit of a server: prints a line for each of its demands that is not met, and the score as JSON.
// Usage: node audit.mjs URL
import { serverAudits } from 'graphql-http';

const SECONDS = 15;
const [url] = process.argv.slice(2);
const fetchFn = (address, options) => fetch(address, { ...options, signal: AbortSignal.timeout(SECONDS * 1000) });
const audits = serverAudits({ url, fetchFn });
const failures = [];
for (const audit of audits) {
  const { status, reason } = await audit.fn();
  if (status !== 'ok') failures.push({ id: audit.id, name: audit.name, status, reason });
}
console.log(JSON.stringify({ total: audits.length, failures }));
