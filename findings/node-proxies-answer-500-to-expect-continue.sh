#!/usr/bin/env bash
# express-http-proxy and @fastify/http-proxy answer a request with `Expect: 100-continue` with 500.
#
# Expected: Node itself answers the expectation with 100, and the client sends its body. The proxy
#   has the whole request then and passes it on like any other.
# Happens: both pass the header on to the client that they use for the server behind. Node's client
#   sends its head as soon as it sees the header, so express-http-proxy cannot set its next header
#   any more; undici rejects the header. Both answer 500, although the server behind
#   express-http-proxy has got the request by then.
# Version: express-http-proxy 2.1.2 with express 5.3.0; @fastify/http-proxy 11.6.3 with fastify
#   5.12.8; Node 20.20.2.
# Hurts: clients that send the header with longer bodies without being asked, such as curl and .NET.
# Source: https://github.com/nodejs/undici/issues/197,
#   https://www.npmjs.com/package/express-http-proxy
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
command -v npm >/dev/null || { apt-get update && apt-get install -y --no-install-recommends nodejs npm; } >/dev/null

echo '{"name": "expect", "version": "0.0.0", "private": true}' > package.json
npm install --silent --no-audit --no-fund node@20.20.2 \
  express@5.3.0 express-http-proxy@2.1.2 fastify@5.12.8 @fastify/http-proxy@11.6.3
cat > try.cjs <<'JS'
const http = require('node:http');

const listen = (server) =>
  new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));

/** The status of a POST, which sends its body after 100. */
const post = (port, headers) =>
  new Promise((done, fail) => {
    const request = http.request({ port, host: '127.0.0.1', method: 'POST', headers });
    request.on('response', (response) => done(response.resume().statusCode));
    request.on('error', fail);
    if (headers.expect) {
      request.on('continue', () => request.end('hello'));
      request.flushHeaders();
    } else {
      request.end('hello');
    }
  });

async function main() {
  let seen = 0;
  const behind = await listen(
    http.createServer((request, response) => {
      seen += 1;
      request.resume().on('end', () => response.end());
    }),
  );
  const app = require('express')();
  app.use(require('express-http-proxy')(`127.0.0.1:${behind}`));
  app.use((error, request, response, next) => response.status(500).end());
  const fastify = require('fastify')();
  fastify.register(require('@fastify/http-proxy'), { upstream: `http://127.0.0.1:${behind}` });
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  const found = [];
  for (const port of [await listen(http.createServer(app)), fastify.server.address().port]) {
    found.push(await post(port, { 'content-length': 5 }));
    found.push(await post(port, { 'content-length': 5, expect: '100-continue' }));
  }
  console.log(`express-http-proxy: ${found[0]} without the header, ${found[1]} with it`);
  console.log(`@fastify/http-proxy: ${found[2]} without the header, ${found[3]} with it`);
  console.log(`requests at the server behind: ${seen} of 4`);
  const holds = found.join() === '200,500,200,500' && seen === 3;
  if (!holds) console.log('the behaviour has changed');
  process.exit(holds ? 0 : 1);
}
main();
JS
node=node_modules/.bin/node
echo "Node $("$node" --version), express-http-proxy 2.1.2, @fastify/http-proxy 11.6.3"
"$node" try.cjs
