// node proof.js < server.json: runs every flow against the server in the file and against another server, and compares the outcomes.
// A difference that is not in explained.json fails, and so does an entry of explained.json that is not a difference.
import { readFileSync } from 'node:fs';
import { run } from './flows.js';
import { start } from './reference.js';

// oidc-provider prints its configuration, which would hide the comparison.
console.warn = () => {};
console.info = () => {};

const ours = JSON.parse(readFileSync(0, 'utf8'));
const explained = JSON.parse(readFileSync(new URL('explained.json', import.meta.url), 'utf8'));
const results = new Map();
const report = (side) => (name, outcome) => results.set(name, { ...results.get(name), [side]: outcome });

const other = await start(ours);
try {
  await run({ ...ours, canDeny: true }, report('ours'));
  await run(other, report('other'));
} finally {
  other.stop();
}

let unexplained = 0;
for (const [name, { ours: here, other: there = 'not tried' }] of results) {
  const isSame = here === there;
  const isKnown = explained[name]?.ours === here && explained[name]?.other === there;
  console.log(`${isSame ? 'same' : isKnown ? 'differs' : 'UNEXPLAINED'}  ${name}: ${here}${isSame ? '' : ` | ${there}`}${!isSame && isKnown ? ` (${explained[name].why})` : ''}`);
  if (!isSame && !isKnown) unexplained++;
  delete explained[name];
}

for (const name of Object.keys(explained)) {
  console.log(`UNEXPLAINED  ${name}: explained, but it did not occur`);
  unexplained++;
}

console.log(`${results.size} steps, ${unexplained} unexplained`);
process.exit(unexplained ? 1 : 0);
