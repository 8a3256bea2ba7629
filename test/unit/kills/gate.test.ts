import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Answer, makeShim, openGate, type Shim } from '../../../bench/kills/gate.ts';

let shim: Shim;

beforeAll(async () => {
  shim = await makeShim('sleep', "' 0.01 '");
});
afterAll(() => shim.remove());

/** Runs a script whose calls of sleep are answered in turn. @returns the calls and how the script finished. */
async function run(
  script: string,
  ...answers: Answer[]
): Promise<{ seen: string[]; signal: NodeJS.Signals | null; said: string }> {
  const seen: string[] = [];
  const gate = await openGate(shim, ({ argv }) => {
    seen.push(argv.join(' '));
    return answers[seen.length - 1] ?? { kind: 'go' };
  });
  // A separate group, as an action gives to each program.
  const child = spawn('setsid', ['--wait', 'sh', '-c', script], {
    env: { ...process.env, ...gate.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => (said += chunk));
  const [, signal] = await once(child, 'close');
  await gate.close();
  return { seen, signal, said };
}

const script = 'sleep 0.01; echo one; sleep 0.02; echo two; sleep 0.03 & wait; echo three';

test('each change is seen in its order, and what only reads is not', async () => {
  expect(await run(script)).toEqual({ seen: ['0.02', '0.03'], signal: null, said: 'one\ntwo\nthree\n' });
});

test.each(['before', 'during', 'after'] as const)('a run is killed %s a change, whole', async (when) => {
  const kill: Answer = { kind: 'kill', when, delayMs: 5 };
  const { seen, signal, said } = await run(script, { kind: 'go' }, kill);
  expect({ seen, signal, said }).toEqual({ seen: ['0.02', '0.03'], signal: 'SIGKILL', said: 'one\ntwo\n' });
});
