import * as core from './commands.ts';

/**
 * Errors that no promise of the action carries: thrown in an event, or by a promise that nobody waits for. Node would
 * print them unredacted and end the step without outputs. A step whose last promise never settles exits
 * silently; that is reported too.
 */
export function crashes(name: string): { happened: Promise<never>; dispose(): void } {
  let reject: (error: Error) => void = () => undefined;
  const happened = new Promise<never>((_resolve, fail) => {
    reject = fail;
  });
  happened.catch(() => undefined);
  const onExit = (): void => core.error(`${name} exited without a result: a promise in it never settled`);
  process.on('uncaughtException', reject);
  process.once('exit', onExit);
  return {
    happened,
    dispose() {
      process.off('uncaughtException', reject);
      process.off('exit', onExit);
    },
  };
}
