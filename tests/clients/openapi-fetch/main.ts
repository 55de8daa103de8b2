/** Uploads, waits and reads with openapi-fetch and the types of openapi-typescript. */
import assert from 'node:assert/strict';
import createClient from 'openapi-fetch';
import type { paths } from '../generated/openapi-fetch/schema.js';
import { ecg, requestToken, url, waitWhileQueued, zeroCrossings } from '../service.js';

const client = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${await requestToken()}` } });

const readEcg = async (id: string) => {
  const { data, error } = await client.GET('/api/v1/ecgs/{id}', { params: { path: { id } } });
  assert(data, error?.title);
  return data;
};

const readInsights = async (id: string) => {
  const { data, error } = await client.GET('/api/v1/ecgs/{id}/insights', { params: { path: { id } } });
  assert(data, error?.title);
  // The type is that of a 200 or a 202.
  assert('leads' in data, 'the insights are not there yet');
  return data;
};

const queued = await client.POST('/api/v1/ecgs', { body: ecg });
assert(queued.data, queued.error?.title);
assert.equal(queued.response.status, 202);
assert.equal(queued.data.insights, undefined);
const { id } = queued.data;
const processed = await waitWhileQueued(() => readEcg(id));
assert.equal(processed.id, id);
assert.equal(processed.status, 'processed');
const insights = await readInsights(id);
assert.equal(insights.leads[0]?.zeroCrossings?.total, zeroCrossings);

const awaited = await client.POST('/api/v1/ecgs', { body: ecg, params: { header: { Prefer: 'wait=20' } } });
assert(awaited.data, awaited.error?.title);
assert.equal(awaited.response.status, 201);
assert.notEqual(awaited.data.id, id);
assert.equal((await readEcg(awaited.data.id)).id, awaited.data.id);
assert(awaited.data.insights, 'the 201 has no insights');
assert.deepEqual(awaited.data.insights, await readInsights(awaited.data.id));
