import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createExec,
  describeExit,
  expectSuccess,
  lastLine,
  ProgramFailure,
  Redactor,
  readFrom,
  writeTo,
} from '@slipway/kernel';
import { until } from '../../support/until.ts';

let folder: string;
let stop: AbortController;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-exec-'));
  stop = new AbortController();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const redactor = new Redactor();
redactor.add('Kw82mXpQ');
const env = { PATH: process.env.PATH ?? '', FROM_STEP: 'step' };
const exec = (): ReturnType<typeof createExec> => createExec({ env, signal: stop.signal, redactor });
const sh = (script: string): ['sh', '-c', string] => ['sh', '-c', script];
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a command', () => {
  test('stops on its own signal, which leaves the others of the step alone', async () => {
    const own = new AbortController();
    const other = exec()({ argv: sh('sleep 0.3; echo done') });
    const running = exec()({ argv: sh('sleep 30'), signal: own.signal });
    own.abort();
    await expect(running).rejects.toThrow('cancelled during sh');
    expect((await other).stdout.data).toBe('done\n');
  });

  test('gives its output, exit code and time, with its own environment, folder and input', async () => {
    const argv = sh('cat; echo "$FROM_STEP $OWN $(pwd)"; echo Kw82mXpQ >&2; exit 3');
    const result = await exec()({ argv, cwd: folder, env: { OWN: 'own' }, input: 'in\n' });
    expect(result).toMatchObject({ state: 'exited', code: 3, ok: false });
    expect(result.stdout.data).toBe(`in\nstep own ${folder}\n`);
    expect(lastLine(result)).toBe('***');
    expect(() => expectSuccess(result, 'try')).toThrow('cannot try: the command exited 3: ***');
  });

  test('has no stdin when it is given none', async () =>
    expect((await exec()({ argv: ['cat'] })).ok).toBe(true));

  test('that exits before it reads its input is not an error of ours', async () =>
    expect((await exec()({ argv: ['true'], input: 'x'.repeat(1_000_000) })).ok).toBe(true));

  test('passes on its lines whole, however its bytes are cut', async () => {
    const lines: string[] = [];
    const script =
      'const b=Buffer.from("Größe\\nKw82mXpQ\\nend");process.stdout.write(b.subarray(0,3));setTimeout(()=>process.stdout.write(b.subarray(3)),100)';
    await exec()({ argv: [process.execPath, '-e', script] }, { onLine: (line) => lines.push(`${line}`) });
    expect(lines).toEqual(['Größe', '***', 'end']);
  });

  test('that a signal ends says which', async () => {
    const result = await exec()({ argv: sh('kill -KILL $$') });
    expect([result.ok, describeExit(result)]).toEqual([false, 'was killed by SIGKILL']);
  });

  test('that prints without end is ended', async () => {
    const result = await exec()({ argv: ['yes', 'x'.repeat(100_000)] });
    expect(result).toMatchObject({ state: 'signalled', ok: false });
    expect(result.stdout.data.length).toBeLessThanOrEqual(64 * 1024 * 1024);
  });

  test.each([
    ['that is not found', ['slipway-no-such-program'], 'cannot run slipway-no-such-program: not found'],
    ['that is not executable', ['/etc/passwd'], '/etc/passwd is not executable'],
  ])('%s', async (_title, argv, message) =>
    expect(exec()({ argv: argv as [string] })).rejects.toMatchObject({ name: 'UserError', message }),
  );

  test('in a folder that is not there', async () =>
    expect(exec()({ argv: ['true'], cwd: '/nowhere' })).rejects.toThrow('(working folder /nowhere)'));

  test('whose arguments are too long for the system', async () =>
    expect(exec()({ argv: ['true', 'x'.repeat(200_000)] })).rejects.toThrow('cannot run true: E2BIG'));
});

describe('what a command started ends with it', () => {
  const background = (pidFile: string): string => `sleep 300 & echo $! > ${pidFile}; wait`;

  async function childPid(): Promise<number> {
    const file = path.join(folder, 'pid');
    await until(() => readFileSync(file, { encoding: 'utf8', flag: 'a+' }).trim() !== '');
    return Number(readFileSync(file, 'utf8'));
  }

  test('at the deadline', async () => {
    const result = await exec()({ argv: sh(background(path.join(folder, 'pid'))), timeoutMs: 300 });
    expect([result.state, describeExit(result)]).toEqual(['timedOut', 'timed out']);
    const pid = await childPid();
    await until(() => !isAlive(pid));
  });

  test('when the step is cancelled', async () => {
    const running = exec()({ argv: sh(background(path.join(folder, 'pid'))) });
    running.catch(() => undefined);
    const pid = await childPid();
    stop.abort();
    await expect(running).rejects.toMatchObject({ name: 'Cancelled', message: 'cancelled during sh' });
    await until(() => !isAlive(pid));
    await expect(exec()({ argv: ['true'] })).rejects.toThrow('cancelled during true');
  });

  test('but what it leaves in the background is not waited for', async () => {
    const result = await exec()({ argv: sh('sleep 300 & echo $!') });
    const pid = Number(result.stdout.data);
    expect([result.ok, isAlive(pid)]).toEqual([true, true]);
    process.kill(pid);
  });
});

describe('a streamed command', () => {
  const command = (script: string) => ({ argv: sh(script), env, signal: stop.signal, redactor });
  async function* chunks(...texts: string[]): AsyncGenerator<Buffer> {
    for (const text of texts) yield Buffer.from(text);
  }
  const read = async (script: string): Promise<string> => {
    let text = '';
    for await (const chunk of readFrom(command(script))) text += chunk.toString();
    return text;
  };

  test('is read to its end, and fails with the end of its stderr', async () => {
    expect(await read('echo a; sleep 0.1; echo b')).toBe('a\nb\n');
    await expect(read('echo a; echo "why: Kw82mXpQ" >&2; exit 4')).rejects.toMatchObject({
      name: 'ProgramFailure',
      message: 'sh exited 4: why: ***',
    });
    await expect(read('kill -9 $$')).rejects.toThrow('sh was killed by SIGKILL: (no output)');
  });

  test('ends when nobody reads on', async () => {
    const pidFile = path.join(folder, 'pid');
    for await (const _chunk of readFrom(command(`echo $$ > ${pidFile}; yes`))) break;
    await until(() => !isAlive(Number(readFileSync(pidFile, 'utf8'))));
  });

  test('is fed, and may have read enough before the end', async () => {
    const file = path.join(folder, 'out');
    await writeTo(command(`cat > ${file}`), chunks('a', 'b'));
    expect(readFileSync(file, 'utf8')).toBe('ab');
    let taken = 0;
    async function* counted(): AsyncGenerator<Buffer> {
      for (; taken < 5; taken++) {
        yield Buffer.from('x');
        await pause(50);
      }
    }
    await writeTo(command('head -c 1 > /dev/null'), counted());
    expect(taken).toBe(5);
  });

  test('what its content throws goes before what it says of it', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from('x');
      throw new Error('the source is gone');
    }
    await expect(writeTo(command('cat > /dev/null'), broken())).rejects.toThrow('the source is gone');
    const failing = writeTo(command('cat > /dev/null; echo no >&2; exit 1'), chunks('x'));
    await expect(failing).rejects.toBeInstanceOf(ProgramFailure);
  });
});
