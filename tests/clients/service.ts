/** The service under test and what every client sends to it. */
import assert from 'node:assert/strict';

const [address] = process.argv.slice(2);
assert(address, 'usage: main.js URL');
export const url: string = address;

/** A lead that crosses zero five times. */
export const ecg = {
  date: '2026-11-23T10:15:00+01:00',
  leads: [{ name: 'I', signal: [12, -3, 7, -9, 15, -2] }],
  samplingFrequency: 500,
};
export const zeroCrossings = 5;

/** Returns an access token of the demo client (client_credentials). */
export async function requestToken(): Promise<string> {
  const response = await fetch(`${url}/connect/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials', client_id: 'demo-gateway', client_secret: 'demo-gateway-secret', scope: 'ecgs:write ecgs:read',
    }),
  });
  assert.equal(response.status, 200, 'the token endpoint rejects the demo client');
  const { access_token } = await response.json() as { access_token: string };
  return access_token;
}

/** Calls read until the ECG is not queued any more; fails after a minute. */
export async function waitWhileQueued<T extends { status: string }>(read: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise(resolve => setTimeout(resolve, 200))) {
    const result = await read();
    if (result.status !== 'queued') {
      return result;
    }
  }
  assert.fail('the ECG is still queued after a minute');
}
