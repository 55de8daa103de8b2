// Every flow, through openid-client. A step returns its outcome in a few words, so that two servers can be compared.
import * as client from 'openid-client';
import { createPrivateKey, randomUUID } from 'node:crypto';
import { Browser } from './browser.js';

const insecure = { execute: [client.allowInsecureRequests] };
const origin = (address) => new URL(address).origin;

/** Returns the error code of a rejection, or 'granted'. Other errors are thrown. */
async function outcome(attempt) {
  try {
    await attempt();
    return 'granted';
  } catch (e) {
    const challenge = Array.isArray(e.cause) ? e.cause[0] : undefined;
    const code = challenge ? `${challenge.parameters.error}, as a challenge of ${challenge.scheme}` : e.error ?? e.cause?.error ?? e.code;
    if (!code) throw e;
    return code;
  }
}

/** @param server The issuer, a user, and the clients that are registered there (see proof.js). */
export async function run(server, report) {
  const issuer = new URL(server.issuer);
  const discover = (id, authentication, metadata) => client.discovery(issuer, id, metadata, authentication, insecure);
  const machine = await discover(server.machine.id, client.ClientSecretPost(server.machine.secret));
  const step = async (name, run) => report(name, await run());

  await step('discovery', () => {
    const found = machine.serverMetadata();
    const wanted = ['authorization', 'token', 'device_authorization', 'introspection', 'revocation', 'userinfo', 'end_session'].filter((name) => !found[`${name}_endpoint`]);
    return wanted.length ? `without ${wanted}` : 'every endpoint';
  });
  await step('discovery: PKCE', () => machine.serverMetadata().code_challenge_methods_supported.join());
  await step('discovery: iss in responses', () => String(machine.serverMetadata().authorization_response_iss_parameter_supported));

  // A machine client.
  await step('client_credentials, secret in the form', async () => (await client.clientCredentialsGrant(machine, { scope: server.machine.scope })).token_type);
  await step('client_credentials, secret in the header', async () => {
    const basic = await discover(server.machine.basic?.id ?? server.machine.id, client.ClientSecretBasic(server.machine.basic?.secret ?? server.machine.secret));
    return (await client.clientCredentialsGrant(basic, { scope: server.machine.scope })).token_type;
  });
  await step('client_credentials, a wrong secret', async () => {
    const wrong = await discover(server.machine.id, client.ClientSecretPost('wrong'));
    return outcome(() => client.clientCredentialsGrant(wrong, { scope: server.machine.scope }));
  });
  await step('client_credentials, an unknown client', async () => {
    const unknown = await discover(randomUUID(), client.ClientSecretPost('wrong'));
    return outcome(() => client.clientCredentialsGrant(unknown, { scope: server.machine.scope }));
  });
  await step('client_credentials, a scope that was not granted', () => outcome(() => client.clientCredentialsGrant(machine, { scope: server.notGranted })));

  const key = createPrivateKey({ key: server.signing.privateJwk, format: 'jwk' }).export({ type: 'pkcs8', format: 'der' });
  const signingKey = await crypto.subtle.importKey('pkcs8', key, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
  await step('client_credentials, private_key_jwt', async () => {
    const signing = await discover(server.signing.id, client.PrivateKeyJwt(signingKey));
    return (await client.clientCredentialsGrant(signing, { scope: server.signing.scope })).token_type;
  });
  await step('private_key_jwt, used twice', async () => {
    const fixed = client.PrivateKeyJwt(signingKey, { [client.modifyAssertion]: (header, payload) => { payload.jti = server.jti ??= randomUUID(); } });
    const signing = await discover(server.signing.id, fixed);
    await client.clientCredentialsGrant(signing, { scope: server.signing.scope });
    return outcome(() => client.clientCredentialsGrant(signing, { scope: server.signing.scope }));
  });

  // Users, through an application.
  const app = await discover(server.app.id, client.ClientSecretPost(server.app.secret));
  const browser = new Browser(origin(server.issuer));
  const typed = { username: server.person.username, login: server.person.username, password: server.person.password };
  const begin = async (more = {}) => {
    const verifier = client.randomPKCECodeVerifier();
    const checks = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce() };
    const url = client.buildAuthorizationUrl(app, {
      redirect_uri: server.app.redirectUri, scope: server.app.scope, state: checks.expectedState, nonce: checks.expectedNonce, prompt: 'consent',
      code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...more,
    });
    return { checks, url };
  };
  const through = async (address) => {
    let page = await browser.open(address);
    for (let pages = 0; page.html && pages < 5; pages++) page = await browser.send(page, typed);
    return page.url;
  };
  const { checks, url } = await begin();
  const back = await through(url);
  await step('authorization_code: iss in the response', () => (back.searchParams.get('iss') === machine.serverMetadata().issuer ? 'the issuer' : `${back}`));
  await step('authorization_code: a response of another issuer', () => {
    const mixed = new URL(back);
    mixed.searchParams.set('iss', 'https://elsewhere.example/');
    return outcome(() => client.authorizationCodeGrant(app, mixed, checks));
  });
  const tokens = await client.authorizationCodeGrant(app, back, checks);
  await step('authorization_code with PKCE', () => Object.keys(tokens).filter((name) => name.endsWith('_token')).sort().join());
  await step('id token', () => (tokens.claims().sub && tokens.claims().nonce === checks.expectedNonce ? 'sub, nonce' : 'wrong'));
  await step('userinfo', async () => Object.keys(await client.fetchUserInfo(app, tokens.access_token, tokens.claims().sub)).sort().join());
  await step('authorization_code without PKCE', async () => (await through((await begin({ code_challenge: '', code_challenge_method: '' })).url)).searchParams.get('error') ?? 'granted');
  await step('authorization_code, a wrong verifier', async () => {
    const other = await begin();
    const sent = await through(other.url);
    return outcome(() => client.authorizationCodeGrant(app, sent, { ...other.checks, pkceCodeVerifier: client.randomPKCECodeVerifier() }));
  });
  await step('a redirect URI with an extra character', async () => {
    const page = await browser.open((await begin({ redirect_uri: `${server.app.redirectUri}/` })).url);
    return page.html && page.status === 400 ? 'a page, 400' : `${page.url}`;
  });

  // Refresh tokens: each is valid once.
  const second = await client.refreshTokenGrant(app, tokens.refresh_token);
  await step('refresh_token', () => (second.refresh_token !== tokens.refresh_token ? 'a new one' : 'the same'));
  await step('refresh_token, used twice', () => outcome(() => client.refreshTokenGrant(app, tokens.refresh_token)));
  await step('refresh_token, the new one after that', () => outcome(() => client.refreshTokenGrant(app, second.refresh_token)));

  const sign = async () => {
    const again = await begin();
    return client.authorizationCodeGrant(app, await through(again.url), again.checks);
  };
  await step('authorization_code, used twice', async () => {
    const again = await begin();
    const sent = await through(again.url);
    const first = await client.authorizationCodeGrant(app, sent, again.checks);
    const error = await outcome(() => client.authorizationCodeGrant(app, sent, again.checks));
    return `${error}; its refresh token: ${await outcome(() => client.refreshTokenGrant(app, first.refresh_token))}`;
  });

  // A service that receives tokens.
  const asker = await discover(server.asker.id, client.ClientSecretPost(server.asker.secret));
  const live = await sign();
  await step('introspection', async () => {
    const response = await client.tokenIntrospection(asker, live.access_token);
    return `${response.active}: ${Object.keys(response).filter((name) => name !== 'active').sort().join()}`;
  });
  await step('introspection of an invalid token', async () => JSON.stringify(await client.tokenIntrospection(asker, 'invalid')));
  await step('introspection by a client without the scope', async () => {
    let response;
    const error = await outcome(async () => { response = await client.tokenIntrospection(machine, live.access_token); });
    return response ? JSON.stringify(response) : error;
  });
  await step('revocation', async () => {
    await client.tokenRevocation(app, live.access_token);
    return JSON.stringify(await client.tokenIntrospection(asker, live.access_token));
  });
  await step('revocation of a refresh token', async () => {
    await client.tokenRevocation(app, live.refresh_token);
    return outcome(() => client.refreshTokenGrant(app, live.refresh_token));
  });

  // A device without a browser.
  const device = await discover(server.device.id, client.None(), { token_endpoint_auth_method: 'none' });
  const decide = (begun, choice) => browser.open(begun.verification_uri_complete).then(async (page) => {
    for (let pages = 0; /<form/.test(page.html ?? '') && pages < 5; pages++) page = await browser.send(page, typed, /value="allow"/.test(page.html) ? choice : undefined);
  });
  const ask = (begun) => client.genericGrantRequest(device, 'urn:ietf:params:oauth:grant-type:device_code', { device_code: begun.device_code });
  const begun = await client.initiateDeviceAuthorization(device, { scope: server.device.scope });
  await step('device: before the user decided', () => outcome(() => ask(begun)));
  await step('device: asked again immediately', () => outcome(() => ask(begun)));
  await decide(begun, 'allow');
  await step('device: allowed', async () => Object.keys(await client.pollDeviceAuthorizationGrant(device, begun)).filter((name) => name.endsWith('_token')).sort().join());
  await step('device: its code used twice', () => outcome(() => ask(begun)));
  if (server.canDeny) {
    const other = await client.initiateDeviceAuthorization(device, { scope: server.device.scope });
    await decide(other, 'deny');
    await step('device: not allowed', () => outcome(() => client.pollDeviceAuthorizationGrant(device, other)));
  }

  // The end of the session.
  await step('end session', async () => {
    const last = await sign();
    const page = await through(client.buildEndSessionUrl(app, { id_token_hint: last.id_token, post_logout_redirect_uri: server.app.postLogoutRedirectUri, state: 'over' }));
    return `${page.origin}${page.pathname}?state=${page.searchParams.get('state')}`;
  });
  await step('after the end of the session: prompt=none', async () => (await through((await begin({ prompt: 'none' })).url)).searchParams.get('error'));
}
