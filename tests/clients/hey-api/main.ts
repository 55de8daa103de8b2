/** Uploads, waits and reads with the client that @hey-api/openapi-ts generates. */
import assert from 'node:assert/strict';
import { client } from '../generated/hey-api/client.gen.js';
import { getEcg, getInsights, submitEcg } from '../generated/hey-api/index.js';
import { ecg, requestToken, url, waitWhileQueued, zeroCrossings } from '../service.js';

const token = await requestToken();
client.setConfig({ baseUrl: url, auth: () => token });

const readEcg = async (id: string) => (await getEcg({ path: { id }, throwOnError: true })).data;

const readInsights = async (id: string) => {
  const { data } = await getInsights({ path: { id }, throwOnError: true });
  // The type is that of a 200 or a 202.
  assert('leads' in data, 'the insights are not there yet');
  return data;
};

const queued = await submitEcg({ body: ecg, throwOnError: true });
assert.equal(queued.response.status, 202);
assert.equal(queued.data.insights, undefined);
const { id } = queued.data;
const processed = await waitWhileQueued(() => readEcg(id));
assert.equal(processed.id, id);
assert.equal(processed.status, 'processed');
const insights = await readInsights(id);
assert.equal(insights.leads[0]?.zeroCrossings?.total, zeroCrossings);

const awaited = await submitEcg({ body: ecg, headers: { Prefer: 'wait=20' }, throwOnError: true });
assert.equal(awaited.response.status, 201);
assert.notEqual(awaited.data.id, id);
assert.equal((await readEcg(awaited.data.id)).id, awaited.data.id);
assert(awaited.data.insights, 'the 201 has no insights');
assert.deepEqual(awaited.data.insights, await readInsights(awaited.data.id));
