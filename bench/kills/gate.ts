import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { execOrThrow } from '@slipway/test-services';
import type { Call } from './changes.ts';
import { killMarked } from './processes.ts';

/** What happens to a program that is about to run. */
export type Answer = { kind: 'go' } | { kind: 'kill'; when: 'before' | 'during' | 'after'; delayMs: number };

/** Is between a run and the program by which it changes the target. */
export interface Gate {
  /** For the environment of the run's steps. */
  env: Record<string, string>;
  /** Kills all processes of the run. @returns once none is left. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** A folder for PATH, in which the program is one that asks the gate first, and reports another time than the target. */
export interface Shim {
  dir: string;
  /** Lets the clock of the target be ahead for everybody from now on. */
  advanceClock(seconds: number): void;
  remove(): Promise<void>;
}

/** The variable by which processes of a run are known. */
const marker = 'SLIPWAY_KILLS_GATE';

/** @param program With `reads`, a shell pattern of the arguments (between spaces) that change nothing. */
export async function makeShim(program: string, reads: string): Promise<Shim> {
  const dir = mkdtempSync(path.join(tmpdir(), 'slipway-shim-'));
  const real = (await execOrThrow(`find ${program}`, ['sh', '-c', `command -v ${program}`])).trim();
  const clock = path.join(dir, 'clock');
  await writeFile(path.join(dir, program), shimScript(real, reads, clock), { mode: 0o755 });
  let ahead = 0;
  return {
    dir,
    advanceClock(seconds) {
      ahead += seconds;
      writeFileSync(clock, String(ahead));
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

function shimScript(real: string, reads: string, clock: string): string {
  return `#!/bin/sh
case "$*" in
  *'{{.SystemTime}}'* | *'{.metadata.creationTimestamp}'*)
    [ ! -s '${clock}' ] || exec date -u -d "@$(($(date +%s) + $(cat '${clock}')))" +%Y-%m-%dT%H:%M:%SZ ;;
esac
[ -n "$${marker}" ] || exec '${real}' "$@"
case " $* " in ${reads}) exec '${real}' "$@" ;; esac
call="$${marker}/$$"
printf '%s\\0' "$@" > "$call.argv"
case "$*" in *--filename=-*) cat > "$call.input"; exec < "$call.input" ;; esac
mkfifo "$call.go"
echo "ask $$" > "$${marker}/calls"
read -r how < "$call.go"
case "$how" in
  before) echo "reached $$" > "$${marker}/calls"; read -r how < "$call.go" ;;
  during) '${real}' "$@" & echo "reached $$" > "$${marker}/calls"; wait; read -r how < "$call.go" ;;
  after) '${real}' "$@"; echo "reached $$" > "$${marker}/calls"; read -r how < "$call.go" ;;
esac
exec '${real}' "$@"
`;
}

/** @param decide Called for each change before it is made, in their order. */
export async function openGate(shim: Shim, decide: (call: Call) => Answer): Promise<Gate> {
  const dir = mkdtempSync(path.join(tmpdir(), 'slipway-gate-'));
  const calls = path.join(dir, 'calls');
  await execOrThrow('make a pipe', ['mkfifo', calls]);
  const socket = new Socket({ fd: openPipe(calls), writable: false });
  const answers: number[] = [];
  const kill = (): Promise<void> => killMarked(`${marker}=${dir}`);
  const holding = new Map<string, number>();
  createInterface(socket).on('line', (line) => {
    const [what = '', id = ''] = line.split(' ');
    if (what === 'reached') return void setTimeout(kill, holding.get(id) ?? 0);
    const answer = decide(readCall(path.join(dir, id)));
    if (answer.kind === 'kill') holding.set(id, answer.when === 'during' ? answer.delayMs : 0);
    const pipe = openPipe(path.join(dir, `${id}.go`));
    writeSync(pipe, `${answer.kind === 'kill' ? answer.when : 'go'}\n`);
    // The other end may be opened later; until then this one must not be closed.
    answers.push(pipe);
  });
  return {
    env: { [marker]: dir, PATH: `${shim.dir}:${process.env.PATH}` },
    kill,
    async close() {
      socket.destroy();
      for (const pipe of answers) closeSync(pipe);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Open at both ends and without waiting, whether or not there is a program at the other end. */
function openPipe(file: string): number {
  return openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
}

function readCall(file: string): Call {
  const argv = readFileSync(`${file}.argv`, 'utf8').split('\0').slice(0, -1);
  const input = existsSync(`${file}.input`) ? readFileSync(`${file}.input`, 'utf8') : '';
  return { argv, input };
}
