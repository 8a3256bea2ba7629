import { expect, test } from '@jest/globals';
import { loadConfig } from '@slipway/config';

function load(backup: string, env: Record<string, string> = {}) {
  const text = `app: a\ncompose: {files: [c.yml]}\nservices: {b: {image: x/y}}\ndatabase:\n  url: u\n  backup: ${backup}\n`;
  return loadConfig({ file: 'slipway.yml', text, environment: 'production', env, uses: ['database'] })
    .database?.backup;
}

test('has a default for everything', () => {
  expect(load('{}')).toEqual({
    to: './backups',
    mode: 'dump',
    limit: 10e9,
    prove: 'decode',
    keep: { last: 5, days: 30 },
    'archive-timeout': 120_000,
  });
  expect(load('{limit: 1.5TB, keep: {last: "7"}}')).toMatchObject({
    limit: 1.5e12,
    keep: { last: 7, days: 30 },
  });
});

test('a key comes from the environment, in base64 or hexadecimal, and a wrong one is not repeated', () => {
  const hex = '5f'.repeat(32);
  expect(load('{encrypt: "${KEY}"}', { KEY: hex })).toMatchObject({ encrypt: hex });
  const base64 = Buffer.alloc(32, 255).toString('base64');
  expect(load('{encrypt: "${KEY}"}', { KEY: base64 })).toMatchObject({ encrypt: base64 });
  let message = '';
  try {
    load('{encrypt: "${KEY}"}', { KEY: 'hunter2-hunter2' });
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toContain('"database.backup.encrypt": expected a key of 32 bytes');
  expect(message).not.toContain('hunter2');
});

test.each([
  ['{command: [cat]}', /database\.backup\.read-command.*a command that reads a backup back/],
  [
    '{command: [cat], read-command: [cat], delete-command: [rm, "{name}"]}',
    /database\.backup\.list-command.*a command that lists the backups, because delete-command needs to find the expired ones/,
  ],
  [
    '{mode: snapshot-command}',
    /database\.backup\.snapshot-command.*the command line that creates the snapshot/,
  ],
  ['{limit: 10}', /database\.backup\.limit.*a size such as/],
  ['{prove: never}', /database\.backup\.prove/],
])('%s is refused', (backup, message) => {
  expect(() => load(backup)).toThrow(message);
});
