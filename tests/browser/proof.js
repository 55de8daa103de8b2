// node proof.js < service.json: opens an application's page, which has another origin than the service, and the API reference in
// Chromium. Prints each step, and fails if one is not as expected.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const service = JSON.parse(readFileSync(0, 'utf8'));
const { issuer, clientId, person, pages } = service;
const app = `http://localhost:${pages[0]}`;
const unknownOrigin = `http://localhost:${pages[1]}`;
const redirectUri = `${app}/signed-in`;
const ecg = { date: '2026-11-23T10:15:00+01:00', samplingFrequency: 500, unit: 'uV', leads: [{ name: 'I', signal: [12, -3, 4, -9, 15, -2] }] };

// Serves the page and its script at every address of both origins.
const files = { '/page.js': ['text/javascript', readFileSync(new URL('page.js', import.meta.url))] };
const page = ['text/html', readFileSync(new URL('page.html', import.meta.url))];
const servers = pages.map((port) => createServer((request, response) => {
  const [type, content] = files[new URL(request.url, app).pathname] ?? page;
  response.writeHead(200, { 'content-type': type }).end(content);
}).listen(port));

let steps = 0;
let failed = 0;
const step = async (name, run) => {
  steps++;
  try {
    await run();
    console.log(`as expected  ${name}`);
  } catch (e) {
    failed++;
    console.log(`FAILED  ${name}: ${e.message}`);
  }
};

// Long, because the machine may be busy with other tests.
const timeout = 60_000;
const browser = await chromium.launch({ executablePath: service.chromium, args: process.getuid() === 0 ? ['--no-sandbox'] : [], timeout });
try {
  for (const proof of [applications, reference]) {
    const context = await browser.newContext();
    context.setDefaultTimeout(timeout);
    await proof(context);
  }
} finally {
  await browser.close();
  servers.forEach((server) => server.close());
}

console.log(`${steps} steps, ${failed} failed`);
process.exit(failed ? 1 : 0);

/** Tests a page of the application's origin, and one of an origin that belongs to no client. */
async function applications(context) {
  const tab = await context.newPage();
  await tab.goto(app);
  const call = (name, ...values) => tab.evaluate(([called, passed]) => window[called](...passed), [name, values]);
  let tokens = {};
  let location;
  let tag;

  await step('discovery and keys can be read', async () => {
    assert.equal((await call('read', `${issuer}.well-known/openid-configuration`)).body.issuer, issuer);
    assert.ok((await call('read', `${issuer}.well-known/jwks`)).body.keys.length > 0);
  });
  await step('a user signs in and allows the application', async () => {
    await Promise.all([tab.waitForURL(`${issuer}**`), call('signIn', { issuer, clientId, redirectUri, scope: service.scope }).catch(() => {})]);
    await tab.fill('input[name=username]', person.username);
    await tab.fill('input[name=password]', person.password);
    await tab.click('button[value=sign-in]');
    await tab.click('button[value=allow]');
    await tab.waitForURL(`${redirectUri}?**`);
    await tab.waitForFunction(() => window.redeem);
  });
  await step('the code is redeemed with PKCE', async () => {
    tokens = await call('redeem', { issuer, clientId, redirectUri });
    assert.equal(tokens.status, 200, JSON.stringify(tokens));
  });
  await step('userinfo can be read', async () => {
    assert.equal((await call('read', `${issuer}connect/userinfo`, tokens.access_token)).body.preferred_username, person.username);
  });
  await step('an ECG is uploaded, and its headers can be read', async () => {
    const response = await call('upload', { issuer, token: tokens.access_token, ecg });
    assert.equal(response.status, 201, JSON.stringify(response));
    assert.equal(response.headers['preference-applied'], 'wait=20');
    for (const name of ['location', 'ratelimit', 'ratelimit-policy', 'x-request-id']) assert.ok(response.headers[name], `${name} cannot be read`);
    location = new URL(response.headers.location, issuer).href;
  });
  await step('the ECG is read, and read again only if it changed', async () => {
    const response = await call('read', location, tokens.access_token);
    assert.equal(response.body.status, 'processed');
    tag = response.headers.etag;
    assert.ok(tag, 'etag cannot be read');
    assert.equal((await call('read', location, tokens.access_token, { headers: { 'If-None-Match': tag } })).status, 304);
  });
  await step('its insights are read', async () => {
    assert.equal((await call('read', `${location}/insights`, tokens.access_token)).body.leads[0].zeroCrossings.total, 5);
  });
  await step('errors can be read', async () => {
    const unknown = await call('read', `${issuer}api/v1/ecgs/01900000-0000-7000-8000-0000000000ff`, tokens.access_token);
    assert.deepEqual([unknown.status, unknown.body.type], [404, '/problems/not-found']);
    const noToken = await call('read', location, 'no-token');
    assert.equal(noToken.status, 401);
    assert.match(noToken.headers['www-authenticate'], /invalid_token/);
    const rejected = await call('post', `${issuer}connect/token`, { grant_type: 'refresh_token', client_id: clientId, refresh_token: 'a.b.c' });
    assert.deepEqual([rejected.status, rejected.body.error], [400, 'invalid_grant']);
  });
  await step('pages for users and account routes cannot be read from another origin', async () => {
    for (const address of ['connect/authorize', 'connect/logout', 'connect/verify', 'account/recovery', 'account/sessions']) {
      assert.ok((await call('read', issuer + address, undefined, { credentials: 'include' })).closed, address);
    }
    assert.ok((await call('read', `${issuer}account/sessions`, tokens.access_token)).closed, 'account/sessions with a token');
    assert.ok((await call('read', location, tokens.access_token, { credentials: 'include' })).closed, 'the API with cookies');
  });
  await step('a page of an unknown origin reads the API with a token, but not the token server', async () => {
    const other = await context.newPage();
    await other.goto(unknownOrigin);
    await other.waitForFunction(() => window.read);
    const from = (name, ...values) => other.evaluate(([called, passed]) => window[called](...passed), [name, values]);
    assert.equal((await from('read', location, tokens.access_token)).status, 200);
    assert.ok((await from('read', `${issuer}connect/userinfo`, tokens.access_token)).closed, 'userinfo');
    assert.ok((await from('post', `${issuer}connect/token`, { grant_type: 'refresh_token', client_id: clientId, refresh_token: 'a.b.c' })).closed, 'token');
    assert.ok((await from('post', `${issuer}connect/revoke`, { client_id: clientId, token: 'a.b.c' })).closed, 'revoke');
  });
  await step('the token is refreshed, the ECG deleted, and the token revoked', async () => {
    const refreshed = await call('post', `${issuer}connect/token`, { grant_type: 'refresh_token', client_id: clientId, refresh_token: tokens.refresh_token });
    assert.equal(refreshed.status, 200);
    assert.equal((await call('read', location, refreshed.body.access_token, { method: 'DELETE', headers: { 'If-Match': tag } })).status, 204);
    assert.equal((await call('post', `${issuer}connect/revoke`, { client_id: clientId, token: refreshed.body.refresh_token })).status, 200);
  });
}

/** Tests which addresses the API reference requests, and what its content security policy blocks. */
async function reference(context) {
  const tab = await context.newPage();
  const requested = [];
  const blocked = [];
  context.on('request', (request) => requested.push(request.url()));
  tab.on('console', (message) => { if (/content security policy|refused to/i.test(message.text())) blocked.push(message.text()); });
  tab.on('pageerror', (error) => blocked.push(error.message));

  await step('the address of the service leads to the reference', async () => {
    await tab.goto(issuer);
    await tab.getByText('Electrocardiograms (ECGs)').first().waitFor();
    assert.ok(tab.url().startsWith(`${issuer}docs`), tab.url());
  });
  await step('nothing leaves the origin, and the policy blocks nothing that the reference needs', async () => {
    await tab.waitForLoadState('networkidle');
    assert.deepEqual(requested.filter((url) => /^(http|ws)/.test(url) && !url.startsWith(issuer)), []);
    assert.ok(requested.length > 3, `only ${requested.length} requests were seen`);
    assert.deepEqual(blocked, []);
  });
  await step('it cannot be framed', async () => {
    const outside = await context.newPage();
    await outside.goto(unknownOrigin);
    await outside.evaluate((address) => new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.onload = resolve;
      frame.src = address;
      document.body.append(frame);
    }), `${issuer}docs`);
    const frame = outside.frames()[1];
    if (['', 'about:blank'].includes(frame.url())) {
      // The load event arrives before the frame's address is known.
      await frame.waitForURL((url) => url.href !== 'about:blank');
    }
    assert.match(frame.url(), /^chrome-error:/);
  });
}
