// Sends events through @segment/analytics-node, as a server of a customer's
// would: node segment.js URL WRITE_KEY EVENTS (a file of JSON lines)
const fs = require('fs');
const {Analytics} = require('@segment/analytics-node');

const [url, writeKey, file] = process.argv.slice(2);
const events = fs.readFileSync(file, 'utf8').trim().split('\n').map(JSON.parse);
const client = new Analytics(
    {writeKey, host: url, path: '/v1/batch', flushAt: 100});
let failed = 0;
client.on('error', (error) => {
  ++failed;
  console.error(error);
});

async function main() {
  for (const [i, event] of events.entries()) {
    client.track({...event, timestamp: new Date(event.timestamp)});
    // Its queue is not bounded: let it send.
    if (i % 150 === 149) await new Promise(setImmediate);
  }
  await client.closeAndFlush({timeout: 60000});
  process.exit(failed > 0 ? 1 : 0);
}
main();
