// A certified third-party server with the same clients. Where it agrees with ours, the behaviour is not a peculiarity of ours.
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import Provider from 'oidc-provider';

/** @param ours The description of our server. This server has the same user, addresses and kinds of clients. */
export async function start(ours) {
  const { app, signing } = ours;
  const secret = () => randomUUID();
  const { d, ...publicJwk } = signing.privateJwk;
  const machine = { id: 'machine', secret: secret(), scope: 'ecgs:read', basic: { id: 'machine-basic', secret: secret() } };
  const asker = { id: 'asker', secret: secret() };
  const appSecret = secret();
  const alone = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [], scope: 'ecgs:read' };
  const http = createServer();
  await new Promise((listening) => http.listen(0, '127.0.0.1', listening));
  const issuer = `http://127.0.0.1:${http.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      { client_id: machine.id, client_secret: machine.secret, token_endpoint_auth_method: 'client_secret_post', ...alone },
      { client_id: machine.basic.id, client_secret: machine.basic.secret, token_endpoint_auth_method: 'client_secret_basic', ...alone },
      { client_id: 'signing', token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ ...publicJwk, use: 'sig', alg: 'ES256' }] }, ...alone },
      { client_id: asker.id, client_secret: asker.secret, token_endpoint_auth_method: 'client_secret_post', ...alone },
      {
        client_id: 'app', client_secret: appSecret, token_endpoint_auth_method: 'client_secret_post', grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: [app.redirectUri], post_logout_redirect_uris: [app.postLogoutRedirectUri], scope: 'openid profile offline_access ecgs:read',
      },
      {
        client_id: 'device', application_type: 'native', token_endpoint_auth_method: 'none', redirect_uris: [], response_types: [],
        grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'], scope: 'openid offline_access ecgs:read',
      },
    ],
    scopes: ['openid', 'profile', 'offline_access', 'ecgs:read', 'ecgs:write'],
    claims: { openid: ['sub'], profile: ['preferred_username'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id }) }),
    features: {
      clientCredentials: { enabled: true }, deviceFlow: { enabled: true }, revocation: { enabled: true },
      introspection: { enabled: true, allowedPolicy: (_, client) => client.clientId === asker.id },
    },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ttl: { AuthorizationCode: 60, AccessToken: 600, ClientCredentials: 600, RefreshToken: 1_209_600, DeviceCode: 600, IdToken: 600, Interaction: 600, Grant: 1_209_600, Session: 43_200 },
    cookies: { keys: [secret()] },
  });
  http.on('request', provider.callback());
  return {
    issuer, machine, asker, person: ours.person, notGranted: ours.notGranted,
    signing: { id: 'signing', privateJwk: signing.privateJwk, scope: 'ecgs:read' },
    app: { ...app, id: 'app', secret: appSecret, scope: 'openid profile offline_access ecgs:read' },
    device: { id: 'device', scope: 'openid offline_access ecgs:read' },
    stop: () => http.close(),
  };
}
