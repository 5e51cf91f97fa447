// What both database programs share: a line {"sql": "..."} on standard input
// runs its statements (parted by ";" at a line's end); the answer is a line
// {"seconds": ..., "rows": [[...], ...]} with the rows of the last one.
import readline from 'node:readline';

export async function serve(run) {
  console.log(JSON.stringify({ready: true}));
  for await (const line of readline.createInterface({input: process.stdin})) {
    const statements = JSON.parse(line).sql.split(/;\s*(?:\n|$)/)
        .map(s => s.trim()).filter(Boolean);
    let answer;
    try {
      let rows = [];
      const begin = process.hrtime.bigint();
      for (const statement of statements) rows = await run(statement);
      const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
      answer = {seconds, rows};
    } catch (e) {
      answer = {error: String(e.message || e).slice(0, 2000)};
    }
    console.log(JSON.stringify(answer));
  }
  process.exit(0);
}
