import { expect, test } from '@jest/globals';
import { Redactor } from '@slipway/kernel';
import { explainRefusal, type Refusal } from '../../../actions/preflight-checklist/src/github-errors.ts';

function explained(message: string, ...secrets: string[]): string {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.add(secret);
  const response = { headers: {}, data: { message } };
  const refusal: Refusal = Object.assign(new Error(message), { status: 404, response });
  const request = {
    route: 'GET /repos/{owner}/{repo}/pulls',
    needs: 'pull-requests: read',
    attempts: 1,
  } as const;
  return explainRefusal(refusal, request, redactor).message;
}

test('what GitHub answered is quoted on one line, and cut', () => {
  expect(explained('Not Found')).toBe('GitHub answered 404 to GET /pulls (Not Found)');
  expect(explained(`a\r\n${'b'.repeat(300)}`)).toMatch(/ \(a b{198}…\)$/);
});

test.each([180, 185, 190, 195, 199])(
  'no part of a secret is left where it is cut, after %i characters',
  (at) => {
    const secret = 'ghs_Kd93jfLq20xZkkQ7';
    for (const written of [secret, Buffer.from(secret).toString('base64'), `password=${secret}x`])
      expect(explained('-'.repeat(at) + written, secret)).not.toMatch(/ghs_|Kd9|Z2hz/);
  },
);
