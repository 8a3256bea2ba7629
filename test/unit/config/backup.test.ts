import { expect, test } from '@jest/globals';
import { loadConfig } from '@slipway/config';
import { backupIdentity, backupRecipient } from '../../support/backups.ts';

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

test('recipients and an identity are read, and a malformed identity is not repeated', () => {
  expect(load(`{encrypt: {recipients: [${backupRecipient}]}}`)).toMatchObject({
    encrypt: { recipients: [backupRecipient] },
  });
  const identity = load('{encrypt: {identity: "${KEY}"}}', { KEY: backupIdentity })?.encrypt;
  expect(identity).toEqual({ identity: backupIdentity });
  // The file of age-keygen as it is.
  const KEY = `# created: 2026-01-02\n# public key: ${backupRecipient}\n${backupIdentity}\n`;
  expect(load('{encrypt: {identity: "${KEY}"}}', { KEY })?.encrypt).toEqual(identity);
  let message = '';
  try {
    load('{encrypt: {identity: "${KEY}"}}', { KEY: 'hunter2-hunter2' });
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toContain('"database.backup.encrypt.identity": expected an age secret key');
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
  ['{encrypt: {}}', /database\.backup\.encrypt.*recipients, an identity, or both/],
  ['{encrypt: a-passphrase}', /database\.backup\.encrypt.*recipients, an identity, or both/],
  // Of a plugin, and post-quantum: age does not mix them with the key of the run that the proof decrypts with.
  [
    '{encrypt: {recipients: [age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t]}}',
    /encrypt\.recipients.*an age public key/,
  ],
  ['{prove: never}', /database\.backup\.prove/],
])('%s is refused', (backup, message) => {
  expect(() => load(backup)).toThrow(message);
});
