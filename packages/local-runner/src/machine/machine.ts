import { mkdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { killGroup } from '../process/child.ts';

/** The fresh machine of one job; only the tool cache is shared. */
export interface Machine {
  workspace: string;
  temp: string;
  tools: string;
  eventFile: string;
  /** Process groups that steps left running; they end with the job. */
  left: number[];
}

export async function prepareMachine(work: string, job: string, event: unknown): Promise<Machine> {
  const dir = path.resolve(work, 'machines', job);
  const folders = { workspace: path.join(dir, 'workspace'), temp: path.join(dir, 'temp') };
  const tools = path.resolve(work, 'tools');
  for (const folder of [...Object.values(folders), tools]) await mkdir(folder, { recursive: true });
  const eventFile = path.join(dir, 'event.json');
  await writeFile(eventFile, JSON.stringify(event));
  return { ...folders, tools, eventFile, left: [] };
}

export function clearMachine(machine: Machine): void {
  for (const group of machine.left.splice(0)) killGroup(group);
}
