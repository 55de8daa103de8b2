// The script of the application's page, which calls the service from another origin. proof.js calls these functions in Chromium.
const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const form = (fields) => ({ method: 'POST', body: new URLSearchParams(fields) });

/** Begins the sign-in: authorization code with PKCE. */
window.signIn = async ({ issuer, clientId, redirectUri, scope }) => {
  const server = await (await fetch(`${issuer}.well-known/openid-configuration`)).json();
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  sessionStorage.setItem('verifier', verifier);
  const query = new URLSearchParams({
    client_id: clientId, redirect_uri: redirectUri, response_type: 'code', scope, state: 'a state', code_challenge_method: 'S256',
    code_challenge: base64url(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))),
  });
  location.assign(`${server.authorization_endpoint}?${query}`);
};

/** Redeems the code in the address of the page. */
window.redeem = async ({ issuer, clientId, redirectUri }) => {
  const code = new URLSearchParams(location.search).get('code');
  const fields = { grant_type: 'authorization_code', client_id: clientId, redirect_uri: redirectUri, code, code_verifier: sessionStorage.getItem('verifier') };
  const response = await fetch(`${issuer}connect/token`, form(fields));
  return { status: response.status, ...await response.json() };
};

/** Uploads a compressed ECG and waits for the insights. */
window.upload = async ({ issuer, token, ecg }) => {
  const packed = new Blob([JSON.stringify(ecg)]).stream().pipeThrough(new CompressionStream('gzip'));
  return read(`${issuer}api/v1/ecgs`, token, {
    method: 'POST',
    body: await new Response(packed).blob(),
    headers: {
      'Content-Type': 'application/json', 'Content-Encoding': 'gzip', 'Idempotency-Key': crypto.randomUUID(), Prefer: 'wait=20',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    },
  });
};

/** Sends a request with the token. Returns the part of the response that a script can read, or `closed` if it can read nothing. */
window.read = async (address, token, init = {}) => {
  try {
    const headers = { ...init.headers, ...token && { Authorization: `Bearer ${token}` } };
    const response = await fetch(address, { ...init, headers });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type'));
    return { status: response.status, headers: Object.fromEntries(response.headers), body: isJson ? JSON.parse(text) : text };
  } catch (e) {
    return { closed: e.message };
  }
};

/** Sends a form, as to the token server. */
window.post = (address, fields) => read(address, undefined, form(fields));
