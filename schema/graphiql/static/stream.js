/** Subscriptions over server-sent events: the graphql-sse protocol, one connection an operation. */

/** An async iterable of the subscription's answers; its return() closes the connection at once. */
export function streamed(url, params, headers) {
  const stop = new AbortController();
  const answers = read(url, params, headers, stop.signal);
  return {
    next: () => answers.next(),
    return() {
      stop.abort();
      return answers.return();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* read(url, params, headers, signal) {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream", ...headers },
      body: JSON.stringify(params),
      signal,
    });
    if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
      yield await response.json();
      return;
    }
    for await (const { event, data } of events(response.body.pipeThrough(new TextDecoderStream()))) {
      if (event === "complete") {
        return;
      }
      if (event === "next") {
        yield JSON.parse(data);
      }
    }
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
  }
}

/** The events of a text stream. One ends at an empty line; lines that begin with a colon keep the connection alive. */
async function* events(stream) {
  const reader = stream.getReader();
  let buffered = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) {
        return;
      }
      const blocks = (buffered + value).replaceAll("\r\n", "\n").split("\n\n");
      buffered = blocks.pop();
      yield* blocks.map(event).filter(({ event }) => event !== null);
    }
  } finally {
    await reader.cancel();
  }
}

function event(block) {
  const lines = block.split("\n");
  const values = (field) => lines.filter((line) => line.startsWith(`${field}:`)).map((line) => line.slice(field.length + 1).trimStart());
  return { event: values("event").at(-1) ?? null, data: values("data").join("\n") };
}
