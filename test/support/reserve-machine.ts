import { existsSync } from 'node:fs';
import { reserveMachine } from '@slipway/test-services';

/*
 * Reserves the machine for a cluster in the folder that it is given, says "reserved", and gives it up when its input ends.
 * What it says otherwise is a line for the user, or "refused: " and why. SIGTERM ends the waiting.
 */
const [folder = ''] = process.argv.slice(2);
const interrupted = new AbortController();
process.on('SIGTERM', () => interrupted.abort());
try {
  const release = await reserveMachine(folder, (line) => console.log(line), interrupted.signal);
  console.log(`reserved ${existsSync(folder)}`);
  for await (const _ of process.stdin);
  await release();
  console.log('released');
} catch (error) {
  console.log(`refused: ${(error as Error).message}`);
}
