// DuckDB, embedded: node duckdb.mjs FILE
import {createRequire} from 'node:module';
import {serve} from './session.mjs';

// The modules stand outside the tree (NODE_MODULES).
const require = createRequire(process.env.NODE_MODULES + '/');
const {DuckDBInstance} = require('@duckdb/node-api');

const instance = await DuckDBInstance.create(process.argv[2], {threads: '2'});
const connection = await instance.connect();

serve(async statement => {
  const result = await connection.runAndReadAll(statement);
  if (!/^(select|with)/i.test(statement)) return [];
  return result.getRows().map(row => row.map(Number));
});
