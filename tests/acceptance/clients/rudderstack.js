// Sends events through @rudderstack/rudder-sdk-node, gzip as by default:
// node rudderstack.js URL WRITE_KEY EVENTS (a file of JSON lines)
const fs = require('fs');
const Analytics = require('@rudderstack/rudder-sdk-node');

const [url, writeKey, file] = process.argv.slice(2);
const events = fs.readFileSync(file, 'utf8').trim().split('\n').map(JSON.parse);
const client = new (Analytics.default || Analytics)(
    writeKey,
    {dataPlaneUrl: url, path: '/v1/batch', flushAt: 100, logLevel: 'error'});
let failed = 0;

async function main() {
  for (const [i, event] of events.entries()) {
    client.track({...event, timestamp: new Date(event.timestamp)}, (error) => {
      if (error) ++failed;
    });
    if (i % 100 === 99) await client.flush();
  }
  await client.flush();
  // Callbacks come a turn later.
  await new Promise((done) => setTimeout(done, 100));
  process.exit(failed > 0 ? 1 : 0);
}
main();
