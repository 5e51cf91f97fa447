// ClickHouse, embedded: node clickhouse.mjs FOLDER
import {createRequire} from 'node:module';
import {serve} from './session.mjs';

// The modules stand outside the tree (NODE_MODULES).
const require = createRequire(process.env.NODE_MODULES + '/');
const {Session} = require('chdb');

const session = new Session(process.argv[2]);
session.query('SET max_threads = 2');
session.query('SET max_insert_threads = 2');
session.query('CREATE DATABASE IF NOT EXISTS bench');
session.query('USE bench');

serve(statement => {
  const text = session.query(statement, 'TSV') || '';
  return text.split('\n').filter(Boolean)
      .map(line => line.split('\t').map(Number));
});
