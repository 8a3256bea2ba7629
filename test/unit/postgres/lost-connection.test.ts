import { describe, expect, test } from '@jest/globals';
import { describeError } from '@slipway/kernel';
import { asDatabaseError } from '@slipway/postgres';

describe('a connection that is gone is reported in words for people, causes included', () => {
  test.each([
    'Connection terminated unexpectedly',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
  ])('whatever the driver says: %s', (words) => {
    expect(describeError(asDatabaseError(new Error(words), ''))).toBe('the connection was lost');
    expect(describeError(asDatabaseError(new Error(words), 'migrations/002.sql'))).toBe(
      'migrations/002.sql: the connection was lost',
    );
  });

  test('and what the system and the server say is included, once', () => {
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    expect(describeError(asDatabaseError(reset, ''))).toBe('the connection was lost (read ECONNRESET)');
    const terminated = Object.assign(new Error('terminating connection due to administrator command'), {
      code: '57P01',
    });
    expect(describeError(asDatabaseError(terminated, ''))).toBe(
      'the server closed the connection: terminating connection due to administrator command',
    );
  });
});
